"""Declares a thread with the provider plugin, through the Automation API of Pulumi's Python SDK."""

import json
import subprocess
import sys

import pulumi
from pulumi import automation as auto

plugin, version, folder = sys.argv[1:]


class Thread(pulumi.CustomResource):
    """What `pulumi package add` generates, in short."""

    created_at: pulumi.Output[float]

    def __init__(self, name: str, metadata: dict[str, str]):
        props = {"metadata": metadata, "createdAt": None}
        super().__init__("dashscope:index:Thread", name, props, pulumi.ResourceOptions(version=version))


def declare(env: str):
    def program():
        thread = Thread("support", {"team": "support", "env": env})
        pulumi.export("threadId", thread.id)

    return program


subprocess.run(
    ["pulumi", "plugin", "install", "resource", "dashscope", version, "--file", plugin],
    check=True,
    stdout=subprocess.DEVNULL,
)
options = auto.LocalWorkspaceOptions(work_dir=folder)
stack = auto.create_stack("test", project_name="python", program=declare("dev"), opts=options)
reports = {"up": stack.up().summary.resource_changes}
reports["outputs"] = {"threadId": stack.outputs()["threadId"].value}
stack.workspace.program = declare("prod")
reports["preview"] = stack.preview().change_summary
reports["update"] = stack.up().summary.resource_changes
reports["refresh"] = stack.refresh().summary.resource_changes
reports["destroy"] = stack.destroy().summary.resource_changes
for call, result in reports.items():
    print(json.dumps({"call": call, "result": result}))
