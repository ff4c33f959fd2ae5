import { z } from "zod";
import { metadataSchema } from "./metadata";
import type { NewMessage } from "./threadStore";

const contentError = "must be a string that is not empty.";

const messageFields = {
  role: z.enum(["user", "assistant"], { error: 'must be "user" or "assistant".' }).default("user"),
  content: z.string({ error: contentError }).min(1, contentError),
  file_ids: z
    .array(z.string({ error: "must be a string." }), { error: "must be an array of strings." })
    .nullish(),
  metadata: metadataSchema.nullish(),
};

/**
 * Creates the schema of a message that a call adds; the role is `user` by default.
 * @param error what the call answers to anything that is no object.
 */
export function createMessageSchema(error: { error: string }): z.ZodType<NewMessage> {
  return z.object(messageFields, error).transform(({ file_ids, metadata, ...message }) => ({
    ...message,
    fileIds: file_ids ?? [],
    metadata: metadata ?? {},
  }));
}
