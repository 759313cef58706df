package controlplane

import (
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"syscall"
	"time"
)

// child is a control plane process. It stays in the machine's process group, so that it is terminated with it, and is
// restarted when it exits on its own, as the kubelet would.
type child struct {
	name    string
	command []string
	env     []string
	logFile string
	logger  *log.Logger

	mutex   sync.Mutex
	cmd     *exec.Cmd
	stopped bool
	// restarts counts how often it exited on its own.
	restarts int
	quit     chan struct{}
	done     chan struct{}
}

func newChild(name, logDir string, logger *log.Logger, command ...string) *child {
	return &child{name: name, command: command, logFile: filepath.Join(logDir, name+".log"), logger: logger, quit: make(chan struct{})}
}

// start runs the process until stop. It returns immediately.
func (c *child) start() {
	c.done = make(chan struct{})
	go func() {
		defer close(c.done)
		for pause := time.Second; ; pause = min(2*pause, 15*time.Second) {
			started := time.Now()
			err := c.run()
			c.mutex.Lock()
			stopped := c.stopped
			if !stopped {
				c.restarts++
			}
			c.mutex.Unlock()
			if stopped {
				return
			}
			if time.Since(started) > time.Minute {
				pause = time.Second
			}
			c.logger.Printf("%s exited (%v), restarting it in %s; see %s", c.name, err, pause, c.logFile)
			select {
			case <-c.quit:
				return
			case <-time.After(pause):
			}
		}
	}()
}

func (c *child) run() error {
	if err := os.MkdirAll(filepath.Dir(c.logFile), 0o700); err != nil {
		return err
	}
	output, err := os.OpenFile(c.logFile, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer output.Close() //nolint:errcheck
	cmd := exec.Command(c.command[0], c.command[1:]...)
	cmd.Env = append(os.Environ(), c.env...)
	cmd.Stdout, cmd.Stderr = output, output
	// The child must not outlive a killed machine. The signal is sent when the parent thread exits, so this goroutine is
	// locked to its thread.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	c.mutex.Lock()
	if c.stopped {
		c.mutex.Unlock()
		return nil
	}
	err = cmd.Start()
	if err == nil {
		c.cmd = cmd
	}
	c.mutex.Unlock()
	if err != nil {
		return fmt.Errorf("cannot start %s: %w", c.command[0], err)
	}
	return cmd.Wait()
}

// running reports whether the process is running.
func (c *child) running() bool {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return !c.stopped && c.cmd != nil && c.cmd.ProcessState == nil
}

// exits returns how often the process exited on its own.
func (c *child) exits() int {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return c.restarts
}

// end makes sure that the process is not restarted, and returns it; nil if it has never run.
func (c *child) end() *exec.Cmd {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if !c.stopped {
		c.stopped = true
		close(c.quit)
	}
	return c.cmd
}

// kill ends the process immediately.
func (c *child) kill() {
	if cmd := c.end(); cmd != nil && cmd.Process != nil {
		_ = cmd.Process.Kill()
	}
	if c.done != nil {
		<-c.done
	}
}

// stop terminates the process: SIGTERM, then SIGKILL after five seconds.
func (c *child) stop() {
	cmd := c.end()
	if c.done == nil {
		return
	}
	if cmd != nil && cmd.Process != nil {
		_ = cmd.Process.Signal(syscall.SIGTERM)
	}
	select {
	case <-c.done:
		return
	case <-time.After(5 * time.Second):
	}
	if cmd != nil && cmd.Process != nil {
		_ = cmd.Process.Kill()
	}
	select {
	case <-c.done:
	case <-time.After(20 * time.Second):
	}
}
