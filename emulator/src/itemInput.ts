import { z } from "zod";
import type { Behaviour } from "./behaviour";
import type { NewItem } from "./conversationStore";

const MAX_ITEMS = 20;

const partSchema = z.object(
  {
    type: z.enum(["input_text", "output_text"], { error: 'must be "input_text" or "output_text".' }),
    text: z.string({ error: "must be a string." }),
  },
  { error: "must be an object." },
);

/** Creates the schema of the items that a call adds. */
export function createItemsSchema({ assistantInputText, stringContent }: Behaviour): z.ZodType<NewItem[]> {
  const itemSchema = z
    .object(
      {
        type: z.literal("message", { error: 'must be "message".' }),
        role: z.enum(["user", "assistant", "system", "developer"], {
          error: 'must be "user", "assistant", "system" or "developer".',
        }),
        content: z.union([z.string(), z.array(partSchema)], {
          error: "must be a string or an array of text parts.",
        }),
      },
      { error: "must be an object." },
    )
    .superRefine(({ role, content }, context) => {
      if (typeof content === "string") return;
      const wanted = choosePartType(role);
      content.forEach(({ type }, index) => {
        const isAccepted = type === wanted || (role === "assistant" && assistantInputText === "accept");
        if (!isAccepted)
          context.addIssue({
            code: "custom",
            path: ["content", index, "type"],
            message: `must be "${wanted}" in an item of the role "${role}".`,
          });
      });
    })
    .transform(({ role, content }): NewItem => {
      if (typeof content !== "string" || stringContent === "string") return { role, content };
      return { role, content: [{ type: choosePartType(role), text: content }] };
    });
  const error = `must be an array of at most ${MAX_ITEMS} items.`;
  return z.array(itemSchema, { error }).max(MAX_ITEMS, error);
}

function choosePartType(role: NewItem["role"]): "input_text" | "output_text" {
  return role === "assistant" ? "output_text" : "input_text";
}
