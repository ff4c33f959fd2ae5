import { randomUUID } from "node:crypto";
import type { ResourceProvider } from "@pulumi/pulumi/dynamic";

/** The fewest hooks that work, and they send nothing. The host answers the others itself. */
const hooks: ResourceProvider = {
  async create(inputs) {
    return { id: `thread_${randomUUID()}`, outs: inputs };
  },
  async update(_id, _olds, news) {
    return { outs: news };
  },
};

export = hooks;
