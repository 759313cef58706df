package controlplane

import (
	"bufio"
	"io"
	"log"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestKilledMachineLeavesNoChild re-executes the test binary as the machine.
func TestKilledMachineLeavesNoChild(t *testing.T) {
	if folder := os.Getenv("SIMULATED_MACHINE_TO_KILL"); folder != "" {
		newChild("shell", folder, log.New(io.Discard, "", 0), "/bin/sh", "-c", "echo $$; exec sleep 60").start()
		time.Sleep(time.Minute)
		return
	}
	folder := t.TempDir()
	machine := exec.Command(os.Args[0], "-test.run", "^TestKilledMachineLeavesNoChild$")
	machine.Env = append(os.Environ(), "SIMULATED_MACHINE_TO_KILL="+folder)
	if err := machine.Start(); err != nil {
		t.Fatal(err)
	}
	var child int
	for deadline := time.Now().Add(10 * time.Second); child == 0 && time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		if file, err := os.Open(folder + "/shell.log"); err == nil {
			line, _ := bufio.NewReader(file).ReadString('\n')
			child, _ = strconv.Atoi(strings.TrimSpace(line))
			_ = file.Close()
		}
	}
	_ = machine.Process.Kill()
	_ = machine.Wait()
	if child == 0 {
		t.Fatal("the child did not start")
	}
	// The process may remain a zombie for a while if nothing reaps it; its command line is empty then.
	for deadline := time.Now().Add(5 * time.Second); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		command, err := os.ReadFile("/proc/" + strconv.Itoa(child) + "/cmdline")
		if err != nil || len(command) == 0 {
			return
		}
	}
	_ = syscall.Kill(child, syscall.SIGKILL)
	t.Error("the child outlived the machine")
}
