// Declares threads with the provider plugin, through the Automation API of Pulumi's Go SDK.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"os/exec"

	"example.com/pulumi-dashscope/sdk/go/dashscope"
	"github.com/pulumi/pulumi/sdk/v3/go/auto"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

func declare(env string) pulumi.RunFunc {
	return func(ctx *pulumi.Context) error {
		message := dashscope.ThreadMessageArgs{Role: pulumi.String("user"), Content: pulumi.String("Hello")}
		thread, err := dashscope.NewThread(ctx, "support", &dashscope.ThreadArgs{
			Messages: dashscope.ThreadMessageArray{message},
			Metadata: pulumi.StringMap{"env": pulumi.String(env)},
		})
		if err != nil {
			return err
		}
		tenants, err := dashscope.NewThreadSet(ctx, "tenants", &dashscope.ThreadSetArgs{
			Threads: dashscope.ThreadSetMemberMap{"acme": dashscope.ThreadSetMemberArgs{}},
		})
		if err != nil {
			return err
		}
		ctx.Export("env", dashscope.LookupThreadOutput(ctx, dashscope.LookupThreadOutputArgs{Id: thread.ID()}).Metadata().MapIndex(pulumi.String("env")))
		ctx.Export("acme", tenants.Ids.MapIndex(pulumi.String("acme")))
		return nil
	}
}

func main() {
	plugin, version, folder := os.Args[1], os.Args[2], os.Args[3]
	check(exec.Command("pulumi", "plugin", "install", "resource", "dashscope", version, "--file", plugin).Run())
	ctx := context.Background()
	stack, err := auto.NewStackInlineSource(ctx, "test", "golang", declare("dev"), auto.WorkDir(folder))
	check(err)
	up, err := stack.Up(ctx)
	check(err)
	report("up", up.Summary.ResourceChanges)
	report("outputs", map[string]any{"env": up.Outputs["env"].Value, "acme": up.Outputs["acme"].Value})
	stack.Workspace().SetProgram(declare("prod"))
	preview, err := stack.Preview(ctx)
	check(err)
	report("preview", preview.ChangeSummary)
	update, err := stack.Up(ctx)
	check(err)
	report("update", update.Summary.ResourceChanges)
	refresh, err := stack.Refresh(ctx)
	check(err)
	report("refresh", refresh.Summary.ResourceChanges)
	destroy, err := stack.Destroy(ctx)
	check(err)
	report("destroy", destroy.Summary.ResourceChanges)
}

func report(call string, result any) {
	line, err := json.Marshal(map[string]any{"call": call, "result": result})
	check(err)
	fmt.Println(string(line))
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
