"""Declares threads with the provider plugin, through the Automation API of Pulumi's Python SDK."""

import json
import subprocess
import sys

import pulumi
import pulumi_dashscope as dashscope
from pulumi import automation as auto

plugin, version, folder = sys.argv[1:]


def declare(env: str):
    def program():
        thread = dashscope.Thread(
            "support",
            messages=[{"role": "user", "content": "Hello"}],
            metadata={"env": env},
        )
        tenants = dashscope.ThreadSet("tenants", threads={"acme": {}})
        pulumi.export("env", dashscope.get_thread_output(id=thread.id).metadata["env"])
        pulumi.export("acme", tenants.ids["acme"])

    return program


subprocess.run(
    ["pulumi", "plugin", "install", "resource", "dashscope", version, "--file", plugin],
    check=True,
    stdout=subprocess.DEVNULL,
)
options = auto.LocalWorkspaceOptions(work_dir=folder)
stack = auto.create_stack("test", project_name="python", program=declare("dev"), opts=options)
reports = {"up": stack.up().summary.resource_changes}
reports["outputs"] = {name: output.value for name, output in stack.outputs().items()}
stack.workspace.program = declare("prod")
reports["preview"] = stack.preview().change_summary
reports["update"] = stack.up().summary.resource_changes
reports["refresh"] = stack.refresh().summary.resource_changes
reports["destroy"] = stack.destroy().summary.resource_changes
for call, result in reports.items():
    print(json.dumps({"call": call, "result": result}))
