package machined

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/siderolabs/talos/pkg/machinery/api/common"
	"github.com/siderolabs/talos/pkg/machinery/api/machine"
)

// Names of Talos' sequences.
const (
	sequenceBoot         = "boot"
	sequenceReboot       = "reboot"
	sequenceReset        = "reset"
	sequenceShutdown     = "shutdown"
	sequenceUpgrade      = "upgrade"
	sequenceStageUpgrade = "stageUpgrade"
)

// takesOver lists, for a running sequence, those that end it when they start. All others are refused.
var takesOver = map[string][]string{
	sequenceBoot:   {sequenceReboot, sequenceReset, sequenceUpgrade},
	sequenceReboot: {sequenceReboot},
	sequenceReset:  {sequenceReboot},
}

var errLocked = errors.New("locked")

type task struct {
	name string
	run  func(context.Context) error
}

// phase is a step of a sequence. Its tasks are named as in Talos, because clients wait for some of them.
type phase struct {
	name  string
	tasks []task
}

// sequencer runs one sequence at a time.
type sequencer struct {
	mutex   sync.Mutex
	running string
	cancel  context.CancelFunc
	done    chan struct{}
}

// lock registers a sequence and returns its context and what to call at its end. takeover ends any other sequence.
func (s *sequencer) lock(ctx context.Context, sequence string, takeover bool) (context.Context, func(), error) {
	for {
		s.mutex.Lock()
		if s.running == "" {
			break
		}
		if !takeover && !slices.Contains(takesOver[s.running], sequence) {
			s.mutex.Unlock()
			return nil, nil, errLocked
		}
		s.cancel()
		done := s.done
		s.mutex.Unlock()
		select {
		case <-done:
		case <-time.After(time.Minute):
			return nil, nil, errors.New("failed to acquire lock: timeout")
		}
	}
	defer s.mutex.Unlock()
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	s.running, s.cancel, s.done = sequence, cancel, done
	return ctx, func() {
		cancel()
		s.mutex.Lock()
		s.running = ""
		s.mutex.Unlock()
		close(done)
	}, nil
}

// run runs a sequence and publishes its events. As in Talos, a sequence that fails makes the machine reboot.
func (b *boot) run(sequence, actor string, phases []phase) {
	b.runLocked(sequence, actor, phases, false)
}

func (b *boot) runLocked(sequence, actor string, phases []phase, takeover bool) {
	ctx, unlock, err := b.sequences.lock(b.ctx, sequence, takeover)
	if err != nil {
		b.machine.Logger.Printf("simulated %s: %v", sequence, err)
		if errors.Is(err, errLocked) {
			b.publish(actor, &machine.SequenceEvent{
				Sequence: sequence, Action: machine.SequenceEvent_NOOP,
				Error: &common.Error{Code: common.Code_LOCKED, Message: "sequence not started: locked"},
			})
		}
		return
	}
	defer unlock()
	err = b.runPhases(ctx, sequence, actor, phases)
	if err == nil || b.ctx.Err() != nil {
		return
	}
	code := common.Code_FATAL
	if errors.Is(err, context.Canceled) {
		code = common.Code_CANCELED
	}
	b.machine.Logger.Printf("simulated %s failed: %v", sequence, err)
	b.publish(actor, &machine.SequenceEvent{
		Sequence: sequence, Action: machine.SequenceEvent_NOOP,
		Error: &common.Error{Code: code, Message: "sequence failed: " + err.Error()},
	})
	if code == common.Code_FATAL {
		b.machine.reboot(transition{reason: "reboot after a fatal sequencer error"})
	}
}

func (b *boot) runPhases(ctx context.Context, sequence, actor string, phases []phase) error {
	b.machine.Logger.Printf("simulated %s: %d phases", sequence, len(phases))
	b.publish(actor, &machine.SequenceEvent{Sequence: sequence, Action: machine.SequenceEvent_START})
	defer b.publish(actor, &machine.SequenceEvent{Sequence: sequence, Action: machine.SequenceEvent_STOP})
	for number, phase := range phases {
		b.publish(actor, &machine.PhaseEvent{Phase: phase.name, Action: machine.PhaseEvent_START})
		for at, task := range phase.tasks {
			b.publish(actor, &machine.TaskEvent{Task: task.name, Action: machine.TaskEvent_START})
			err := task.run(ctx)
			b.publish(actor, &machine.TaskEvent{Task: task.name, Action: machine.TaskEvent_STOP})
			if err == nil {
				err = ctx.Err()
			}
			if err != nil {
				b.publish(actor, &machine.PhaseEvent{Phase: phase.name, Action: machine.PhaseEvent_STOP})
				return fmt.Errorf("error running phase %d in %s sequence: task %d/%d: failed, %w",
					number+1, sequence, at+1, len(phase.tasks), err)
			}
		}
		b.publish(actor, &machine.PhaseEvent{Phase: phase.name, Action: machine.PhaseEvent_STOP})
	}
	return nil
}

// one is a phase of one task.
func one(phaseName, taskName string, run func(context.Context) error) phase {
	return phase{phaseName, []task{{taskName, run}}}
}

// pretend is a task that only takes its time.
func (b *boot) pretend(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(b.machine.TaskDelay):
		return nil
	}
}

func instant(context.Context) error { return nil }

// logged turns the failure of a task into a line of the log.
func (b *boot) logged(run func(context.Context) error) func(context.Context) error {
	return func(ctx context.Context) error {
		if err := run(ctx); err != nil {
			b.machine.Logger.Printf("simulated task: WARNING: task failed: %v", err)
		}
		return nil
	}
}

func (b *boot) cordonAndDrain(ctx context.Context) error {
	if err := b.machine.Runner.Cordon(ctx); err != nil {
		return err
	}
	return b.machine.Runner.Drain(ctx)
}

func (b *boot) stopPods(context.Context) error {
	b.machine.Runner.StopPods()
	return nil
}

// stopAll are the phases that every sequence ends with; then what ends the boot happens.
func (b *boot) stopAll(next transition, kexec bool) []phase {
	phases := []phase{
		one("stopServices", "stopServicesForUpgrade", instant),
		one("umount", "unmountPodMounts", instant),
		one("unmountBind", "unmountSystemDiskBindMounts", instant),
		one("unmountSystem", "unmountEphemeralPartition", instant),
		one("volumeFinalize", "teardownLifecycle", instant),
	}
	if kexec {
		phases = append(phases, one("kexec", "kexecPrepare", instant))
	}
	return append(phases, one("stopEverything", "stopAllServices", func(context.Context) error {
		b.machine.reboot(next)
		<-b.ctx.Done() // The API is gone from here on.
		return nil
	}))
}

// bootSequence lasts until every service runs, which on a control plane needs an etcd: bootstrapped or joined.
func (b *boot) bootSequence() []phase {
	return []phase{
		one("ephemeral", "mountEphemeralPartition", instant),
		one("userSetup", "writeUserFiles", instant),
		one("startEverything", "startAllServices", func(ctx context.Context) error {
			for b.servicesProblem() != "" {
				select {
				case <-ctx.Done():
					return ctx.Err()
				case <-time.After(b.machine.StatusInterval / 4):
				}
			}
			return nil
		}),
	}
}
