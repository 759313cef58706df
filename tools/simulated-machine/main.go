// Command talos-machine is a simulated Talos machine for the lab: the Talos API, built on the machinery library, and on
// control planes the real etcd and Kubernetes control plane. It is not Talos: it installs nothing and boots nothing.
//
//	talos-machine --config FILE             runs the machine described by FILE (JSON)
//	talos-machine validate --config FILE... validates machine configurations for bare metal with the machinery library
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"os/signal"
	"syscall"

	"k8s-gitops/tools/simulated-machine/internal/controlplane"
	"k8s-gitops/tools/simulated-machine/internal/machined"
	"k8s-gitops/tools/simulated-machine/internal/settings"
)

func main() {
	if len(os.Args) > 1 && os.Args[1] == "validate" {
		os.Exit(validate(os.Args[2:]))
	}
	file := flag.String("config", "", "JSON `file` that describes the machine")
	flag.Parse()
	if *file == "" || flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	if err := run(*file); err != nil {
		fmt.Fprintf(os.Stderr, "simulated Talos machine: %v\n", err)
		os.Exit(1)
	}
}

func run(file string) error {
	s, err := settings.Load(file)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	logger := log.New(os.Stderr, s.Name+": ", log.LstdFlags)
	machine, err := machined.New(machined.Options{
		Settings: s, Runner: controlplane.New(s, logger), Logger: logger, Out: os.Stdout,
	})
	if err != nil {
		return err
	}
	return machine.Run(ctx)
}

// validate prints one line per valid file, and the library's error for each invalid one.
func validate(arguments []string) int {
	flags := flag.NewFlagSet("validate", flag.ExitOnError)
	var files []string
	flags.Func("config", "machine configuration `file`; may be repeated", func(value string) error {
		files = append(files, value)
		return nil
	})
	for len(arguments) > 0 {
		_ = flags.Parse(arguments) // exits on error
		arguments = flags.Args()
		if len(arguments) > 0 {
			files, arguments = append(files, arguments[0]), arguments[1:]
		}
	}
	if len(files) == 0 {
		flags.Usage()
		return 2
	}
	code := 0
	for _, file := range files {
		content, err := os.ReadFile(file)
		var warnings []string
		if err == nil {
			_, warnings, err = machined.Validate(content)
		}
		for _, warning := range warnings {
			fmt.Fprintf(os.Stderr, "%s: warning: %s\n", file, warning)
		}
		if err != nil {
			fmt.Fprintf(os.Stderr, "%s: %v\n", file, err)
			code = 1
			continue
		}
		fmt.Printf("%s is valid for metal mode\n", file)
	}
	return code
}
