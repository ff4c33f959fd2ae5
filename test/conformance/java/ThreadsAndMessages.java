import com.alibaba.dashscope.common.DeletionStatus;
import com.alibaba.dashscope.common.GeneralListParam;
import com.alibaba.dashscope.common.Status;
import com.alibaba.dashscope.common.UpdateMetadataParam;
import com.alibaba.dashscope.exception.ApiException;
import com.alibaba.dashscope.threads.AssistantThread;
import com.alibaba.dashscope.threads.ThreadParam;
import com.alibaba.dashscope.threads.Threads;
import com.alibaba.dashscope.threads.messages.Messages;
import com.alibaba.dashscope.threads.messages.TextMessageParam;
import com.alibaba.dashscope.threads.messages.ThreadMessage;
import com.google.gson.Gson;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;

/** Makes every call on threads and messages with the official SDK, and prints what each gave as a line of JSON. */
public class ThreadsAndMessages {
  private static final Gson GSON = new Gson();
  private static final String WORKSPACE = "llm-conformance";

  /** Prints a call's result, or the error that the SDK told as the Python SDK would give it. */
  private static <T> T report(String call, Callable<T> made) throws Exception {
    try {
      T result = made.call();
      print(call, result);
      return result;
    } catch (ApiException error) {
      Status status = error.getStatus();
      print(call, Map.of(
          "status_code", status.getStatusCode(),
          "code", status.getCode(),
          "message", status.getMessage(),
          "request_id", status.getRequestId()));
      return null;
    }
  }

  private static void print(String call, Object result) {
    System.out.println(GSON.toJson(Map.of("call", call, "result", result)));
  }

  private static TextMessageParam message(String role, String content, Map<String, String> metadata) {
    return TextMessageParam.builder().role(role).content(content).metadata(metadata).build();
  }

  private static UpdateMetadataParam metadata(Map<String, String> metadata) {
    return UpdateMetadataParam.builder().metadata(metadata).build();
  }

  public static void main(String[] args) throws Exception {
    Threads threads = new Threads();
    Messages messages = new Messages();

    report("create empty", () -> threads.create(ThreadParam.builder().build()));
    AssistantThread thread = report("create", () -> threads.create(ThreadParam.builder()
        .message(message("user", "Hello", Map.of("n", "1")))
        .message(message("assistant", "How can I help?", null))
        .metadata(Map.of("team", "support", "env", "test"))
        .build()));
    String id = thread.getId();
    report("retrieve", () -> threads.retrieve(id));
    report("update", () -> threads.update(id, metadata(Map.of("team", "sales"))));
    report("update nothing", () -> threads.update(id, metadata(null)));

    ThreadMessage question = report("create message", () -> messages.create(id, TextMessageParam.builder()
        .role("user").content("A question").fileIds(List.of("file_1")).metadata(Map.of("a", "b")).build()));
    String questionId = question.getId();
    ThreadMessage answer = report("create answer",
        () -> messages.create(id, message("assistant", "An answer", null)));
    String answerId = answer.getId();
    report("retrieve message", () -> messages.retrieve(id, questionId));
    report("update message", () -> messages.update(id, questionId, metadata(Map.of("c", "d"))));
    report("update message nothing", () -> messages.update(id, questionId, metadata(null)));
    report("list messages", () -> messages.list(id, GeneralListParam.builder().build()));
    report("list oldest", () -> messages.list(id, GeneralListParam.builder().limit(1L).order("asc").build()));
    report("list after", () -> messages.list(id,
        GeneralListParam.builder().limit(2L).order("desc").after(answerId).build()));
    report("list before", () -> messages.list(id, GeneralListParam.builder().limit(1L).before(questionId).build()));
    report("list nothing", () -> messages.list(id,
        GeneralListParam.builder().after(answerId).before(questionId).build()));
    report("list files", () -> messages.listFiles(id, questionId, GeneralListParam.builder().build()));
    report("retrieve file", () -> messages.retrieveFile(id, questionId, "file_1"));

    AssistantThread elsewhere = report("create in workspace",
        () -> threads.create(ThreadParam.builder().workspace(WORKSPACE).build()));
    String elsewhereId = elsewhere.getId();
    report("update in workspace", () -> threads.update(elsewhereId,
        UpdateMetadataParam.builder().metadata(Map.of("w", "1")).workspace(WORKSPACE).build()));
    report("create message in workspace", () -> messages.create(elsewhereId,
        TextMessageParam.builder().role("user").content("Hello").workspace(WORKSPACE).build()));
    report("list messages in workspace",
        () -> messages.list(elsewhereId, GeneralListParam.builder().workspace(WORKSPACE).build()));
    report("retrieve outside workspace", () -> threads.retrieve(elsewhereId));

    report("wrong key", () -> threads.retrieve(id, "sk-wrong"));
    report("wrong limit", () -> messages.list(id, GeneralListParam.builder().limit(101L).build()));
    report("unknown message", () -> messages.retrieve(id, "message_unknown"));
    DeletionStatus deleted = report("delete", () -> threads.delete(id));
    report("delete again", () -> threads.delete(deleted.getId()));
    report("retrieve deleted", () -> threads.retrieve(id));
    report("update deleted", () -> threads.update(id, metadata(Map.of("a", "b"))));
    report("list messages deleted", () -> messages.list(id, GeneralListParam.builder().build()));
    // The SDK's HTTP client would keep the process for a minute more.
    System.exit(0);
  }
}
