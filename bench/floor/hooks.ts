import { randomUUID } from "node:crypto";
import type { ResourceProvider } from "@pulumi/pulumi/dynamic";

/** The least that hooks can do; what is left out, the host answers itself. */
const hooks: ResourceProvider = {
  async create(inputs) {
    return { id: `thread_${randomUUID()}`, outs: inputs };
  },
  async update(_id, _olds, news) {
    return { outs: news };
  },
};

export = hooks;
