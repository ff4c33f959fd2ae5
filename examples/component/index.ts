import * as pulumi from "@pulumi/pulumi";
import { Tenant } from "./tenant";

// pulumi config set --path 'tenants[0]' acme
const names = new pulumi.Config().getObject<string[]>("tenants") ?? ["acme", "globex"];

const tenants = names.map((name) => new Tenant(name, { plan: "standard" }));

export const threadIds = Object.fromEntries(names.map((name, at) => [name, tenants[at]?.threadId]));
