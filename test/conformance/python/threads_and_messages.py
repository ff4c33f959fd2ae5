"""Makes every call on threads and messages with the official SDK, and prints what each gave as a line of JSON."""

import json

from dashscope import Messages, Threads
from dashscope.threads.messages.files import Files

WORKSPACE = "llm-conformance"


def report(call, result):
    print(json.dumps({"call": call, "result": result}, default=vars))
    return result


report("create empty", Threads.create())
thread = report(
    "create",
    Threads.create(
        messages=[
            {"role": "user", "content": "Hello", "metadata": {"n": "1"}},
            {"role": "assistant", "content": "How can I help?"},
        ],
        metadata={"team": "support", "env": "test"},
    ),
)
report("retrieve", Threads.retrieve(thread.id))
report("update", Threads.update(thread.id, metadata={"team": "sales"}))
report("update nothing", Threads.update(thread.id))

message = report(
    "create message",
    Messages.create(thread.id, content="A question", role="user", file_ids=["file_1"], metadata={"a": "b"}),
)
answer = report("create answer", Messages.create(thread.id, content="An answer", role="assistant"))
report("retrieve message", Messages.retrieve(message.id, thread_id=thread.id))
report("update message", Messages.update(message.id, thread_id=thread.id, metadata={"c": "d"}))
report("update message nothing", Messages.update(message.id, thread_id=thread.id))
report("list messages", Messages.list(thread.id))
report("list oldest", Messages.list(thread.id, limit=1, order="asc"))
report("list after", Messages.list(thread.id, limit=2, order="desc", after=answer.id))
report("list before", Messages.list(thread.id, limit=1, before=message.id))
report("list nothing", Messages.list(thread.id, after=answer.id, before=message.id))
report("list files", Files.list(message.id, thread_id=thread.id))
report("retrieve file", Files.retrieve("file_1", message_id=message.id, thread_id=thread.id))

elsewhere = report("create in workspace", Threads.create(workspace=WORKSPACE))
report("update in workspace", Threads.update(elsewhere.id, metadata={"w": "1"}, workspace=WORKSPACE))
report("create message in workspace", Messages.create(elsewhere.id, content="Hello", workspace=WORKSPACE))
report("list messages in workspace", Messages.list(elsewhere.id, workspace=WORKSPACE))
report("retrieve outside workspace", Threads.retrieve(elsewhere.id))

report("wrong key", Threads.retrieve(thread.id, api_key="sk-wrong"))
report("wrong limit", Messages.list(thread.id, limit=101))
report("unknown message", Messages.retrieve("message_unknown", thread_id=thread.id))
report("delete", Threads.delete(thread.id))
report("delete again", Threads.delete(thread.id))
report("retrieve deleted", Threads.retrieve(thread.id))
report("update deleted", Threads.update(thread.id, metadata={"a": "b"}))
report("list messages deleted", Messages.list(thread.id))
