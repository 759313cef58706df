// Command genconfig generates machine configurations with throw-away secrets and says whether the Talos library that it is
// built with accepts them. It reads and prints JSON; see genconfig.Run.
package main

import (
	"fmt"
	"os"

	"k8s-gitops/tools/talos-provider/internal/genconfig"
)

func main() {
	command := ""
	if len(os.Args) > 1 {
		command = os.Args[1]
	}

	if err := genconfig.Run(command, os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
