// Writes the SDK of a provider plugin, as `pulumi package add` does. The CLI leaves that to the language hosts, of which none is a Go module.
//
//	go run ./generate python|go SCHEMA FOLDER
package main

import (
	"encoding/json"
	"log"
	"os"
	"path/filepath"

	golang "github.com/pulumi/pulumi/pkg/v3/codegen/go"
	"github.com/pulumi/pulumi/pkg/v3/codegen/python"
	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
)

func main() {
	language, file, folder := os.Args[1], os.Args[2], os.Args[3]
	content, err := os.ReadFile(file)
	check(err)
	var spec schema.PackageSpec
	check(json.Unmarshal(content, &spec))
	pkg, err := schema.ImportSpec(spec, nil, schema.NewCachedLoader(nil), schema.ValidationOptions{})
	check(err)
	var files map[string][]byte
	if language == "go" {
		files, err = golang.GeneratePackage("pulumi", pkg, nil)
	} else {
		files, err = python.GeneratePackage("pulumi", pkg, nil, nil)
	}
	check(err)
	for name, content := range files {
		path := filepath.Join(folder, name)
		check(os.MkdirAll(filepath.Dir(path), 0o755))
		check(os.WriteFile(path, content, 0o644))
	}
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
