import * as pulumi from "@pulumi/pulumi";
import { warnOfDeprecation } from "../pulumi/deprecation";
import { assertHooksInReach } from "../pulumi/hooksInReach";
import { threadProviderText, threadType } from "../pulumi/providerText";
import { shortenStackTraces } from "../pulumi/stackTraces";

/** A message that a thread begins with. */
export interface ThreadMessage {
  /** Who says it. */
  role: "user" | "assistant";
  /** The text. Kept secret in Pulumi's state and output. */
  content: string;
  /** Ids of files uploaded to Model Studio. Default: none. */
  fileIds?: string[] | undefined;
  /** What is attached to the message. Default: nothing. */
  metadata?: Record<string, string> | undefined;
}

/** A {@link ThreadMessage} of which every part may be an output of another resource. */
export interface ThreadMessageArgs {
  /** Who says it. */
  role: pulumi.Input<"user" | "assistant">;
  /** The text. Kept secret in Pulumi's state and output. */
  content: pulumi.Input<string>;
  /** Ids of files uploaded to Model Studio. Default: none. */
  fileIds?: pulumi.Input<pulumi.Input<string>[]> | undefined;
  /** What is attached to the message. Default: nothing. */
  metadata?: pulumi.Input<Record<string, pulumi.Input<string>>> | undefined;
}

/** The arguments of a {@link Thread}; each may be an output of another resource. */
export interface ThreadArgs {
  /**
   * The messages the thread begins with, used at its creation only. The API cannot change them: another list replaces the
   * thread, unless `ignoreChanges: ["messages"]` is among the options. Kept secret in the state. Default: none.
   */
  messages?: pulumi.Input<pulumi.Input<ThreadMessageArgs>[]> | undefined;
  /**
   * Labels of the thread, updated in place; the whole map is sent. Never declared: whatever the thread has is left alone. Declared
   * once and then removed from the program: cleared.
   */
  metadata?: pulumi.Input<Record<string, pulumi.Input<string>>> | undefined;
  /**
   * The id of the Model Studio workspace the thread belongs to. Another workspace replaces the thread. Default:
   * `dashscope:workspace`, else the key's own workspace.
   */
  workspace?: pulumi.Input<string> | undefined;
  /**
   * The id of an existing thread to take under management instead of creating one. It must exist, keeps the messages it has (so
   * not together with `messages`), and declared metadata is brought in line. Another id replaces the thread, which deletes the one
   * adopted before unless `retainOnDelete` is among the options; removing `adoptId` changes nothing. Default: a thread is
   * created.
   */
  adoptId?: pulumi.Input<string> | undefined;
}

// Pulumi makes an output only of what is named to it.
const computed = {
  createdAt: undefined,
  metadata: undefined,
  workspace: undefined,
  baseUrl: undefined,
  requestId: undefined,
};

/**
 * A conversation thread of Alibaba Cloud Model Studio's (DashScope's) assistant API. Its Pulumi id is the thread's id.
 *
 * ```ts
 * import * as dashscope from "pulumi-dashscope";
 *
 * const thread = new dashscope.Thread("support", {
 *   messages: [{ role: "user", content: "You are talking to the support desk." }],
 *   metadata: { team: "support", env: "prod" },
 * });
 * export const threadId = thread.id;
 * ```
 */
export class Thread extends pulumi.CustomResource {
  /** When the thread was created, in milliseconds since the epoch, as the API gives it. */
  declare readonly createdAt: pulumi.Output<number>;
  /** The live metadata, declared or not. */
  declare readonly metadata: pulumi.Output<Record<string, string>>;
  /** The messages the thread was created with; a secret. What is said later is not among them. */
  declare readonly messages: pulumi.Output<ThreadMessage[] | undefined>;
  /** The workspace the thread was created in; absent when it is the key's own. */
  declare readonly workspace: pulumi.Output<string | undefined>;
  /** The endpoint the thread lives on, whatever is configured today: `https://dashscope.aliyuncs.com/api/v1`. */
  declare readonly baseUrl: pulumi.Output<string>;
  /** DashScope's id of the request that last wrote the thread, for the vendor's support. */
  declare readonly requestId: pulumi.Output<string | undefined>;

  /**
   * Declares a thread.
   *
   * @param name unique among the threads of the stack
   * @param args what the thread is to be; default: empty
   * @param opts Pulumi's options for resources, such as `provider` and `protect`; not `import`
   * @throws pulumi.RunError when `opts.import` is given, which cannot work for a dynamic resource, or when the project has not
   * installed this package itself
   */
  constructor(name: string, args: ThreadArgs = {}, opts?: pulumi.CustomResourceOptions) {
    if (opts?.import !== undefined) {
      // https://github.com/pulumi/pulumi/issues/3550: the host is not told which hooks to load.
      throw new pulumi.RunError(
        `The option import cannot take over the Thread "${name}", because Pulumi cannot import dynamic resources: give the argument adoptId instead, or run \`npx pulumi-dashscope import-file --help\`.`,
      );
    }
    assertHooksInReach();
    const restoreStackTraces = shortenStackTraces();
    try {
      super(
        threadType,
        name,
        {
          ...computed,
          ...args,
          messages: args.messages && pulumi.secret(args.messages),
          __provider: threadProviderText,
        },
        opts,
      );
    } finally {
      restoreStackTraces();
    }
    warnOfDeprecation();
  }

  /**
   * Reads an existing thread without managing it: `pulumi destroy` leaves it alone. When there is no such thread, the preview or
   * update fails with `DASHSCOPE_ERR_MISSING`.
   *
   * ```ts
   * const other = dashscope.Thread.get("other", "thread_e99a9fe7-0433-426f-98ad-a5139c36579c");
   * ```
   *
   * @param name unique among the threads of the stack
   * @param id the thread's id, for example `thread_e99a9fe7-0433-426f-98ad-a5139c36579c`
   * @param args its `workspace`, when it is not the configured one
   * @param opts Pulumi's options for resources, such as `provider` and `parent`; not `import`
   * @throws pulumi.RunError when `opts.import` is given, or when the project has not installed this package itself
   */
  static get(
    name: string,
    id: pulumi.Input<pulumi.ID>,
    args?: Pick<ThreadArgs, "workspace">,
    opts?: pulumi.CustomResourceOptions,
  ): Thread {
    return new Thread(name, args, { ...opts, id });
  }

  /**
   * Whether `value` is a `Thread`, of this or another copy of the package.
   *
   * ```ts
   * const threads = resources.filter(dashscope.Thread.isInstance);
   * ```
   *
   * @param value anything
   */
  static override isInstance(value: unknown): value is Thread {
    return (
      pulumi.CustomResource.isInstance(value) && "__pulumiType" in value && value.__pulumiType === threadType
    );
  }
}
