import * as pulumi from "@pulumi/pulumi";
import * as dashscope from "pulumi-dashscope";

// pulumi config set count 10000
const count = new pulumi.Config().getNumber("count") ?? 100;

const names = Array.from({ length: count }, (_, index) => `tenant-${index + 1}`);

const tenants = new dashscope.ThreadSet("tenants", {
  threads: Object.fromEntries(names.map((name) => [name, { metadata: { tenant: name, plan: "standard" } }])),
});

export const threads = tenants.ids.apply((ids) => Object.keys(ids).length);
export const firstTenant = tenants.ids.apply((ids) => ids["tenant-1"]);
