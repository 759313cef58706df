package machined

import (
	"slices"
	"strings"
	"time"

	"github.com/siderolabs/talos/pkg/machinery/api/machine"
	machinetype "github.com/siderolabs/talos/pkg/machinery/config/machine"
	"github.com/siderolabs/talos/pkg/machinery/resources/runtime"
)

// keepStatus updates the MachineStatus resource until the boot ends.
func (b *boot) keepStatus() {
	for {
		if err := b.setStatus(b.stages.current(), b.unmetConditions()); err != nil {
			b.machine.Logger.Printf("simulated machine status: %v", err)
		}
		select {
		case <-b.ctx.Done():
			return
		case <-time.After(b.machine.StatusInterval / 4):
		}
	}
}

// setStatus updates the resource and, if anything changed, announces it.
func (b *boot) setStatus(stage runtime.MachineStage, unmet []runtime.UnmetCondition) error {
	status := &machine.MachineStatusEvent_MachineStatus{Ready: len(unmet) == 0}
	for _, condition := range unmet {
		status.UnmetConditions = append(status.UnmetConditions, &machine.MachineStatusEvent_MachineStatus_UnmetCondition{
			Name: condition.Name, Reason: condition.Reason,
		})
	}
	versions := map[string]string{}
	changed := false
	err := modify(b.state, runtime.NewMachineStatus(), versions, func(r *runtime.MachineStatus) {
		spec := r.TypedSpec()
		changed = spec.Stage != stage || !slices.Equal(spec.Status.UnmetConditions, unmet) || r.Metadata().Version().Value() == 0
		spec.Stage, spec.Status.Ready, spec.Status.UnmetConditions = stage, len(unmet) == 0, unmet
	})
	if err == nil && changed {
		b.publish("", &machine.MachineStatusEvent{Stage: machine.MachineStatusEvent_MachineStage(stage), Status: status})
	}
	return err
}

// unmetConditions are what is missing for a machine to be ready, in the words of Talos.
func (b *boot) unmetConditions() []runtime.UnmetCondition {
	stage := b.stages.current()
	if stage != runtime.MachineStageBooting && stage != runtime.MachineStageRunning {
		return nil
	}
	var unmet []runtime.UnmetCondition
	add := func(name, reason string) { unmet = append(unmet, runtime.UnmetCondition{Name: name, Reason: reason}) }
	if problem := b.servicesProblem(); problem != "" {
		add("services", problem)
	}
	staticPods, node := b.machine.Runner.NotReady()
	if staticPods != nil {
		add("staticPods", staticPods.Error())
	}
	if node != nil {
		add("nodeReady", node.Error())
	}
	return unmet
}

// servicesProblem says which services do not run or are not healthy; empty if all are.
func (b *boot) servicesProblem() string {
	var problems, running []string
	for _, service := range b.machine.Runner.Services() {
		switch {
		case service.State != "Running":
			problems = append(problems, service.ID+" not running")
			continue
		case !service.Healthy:
			problems = append(problems, service.ID+" not healthy")
		}
		running = append(running, service.ID)
	}
	required := []string{"apid", "machined", "kubelet"}
	if cfg := b.config(); cfg != nil && cfg.Machine().Type() != machinetype.TypeWorker {
		required = append(required, "etcd", "trustd")
	}
	for _, service := range required {
		if !slices.Contains(running, service) {
			problems = append(problems, service+" not running")
		}
	}
	slices.Sort(problems)
	return strings.Join(slices.Compact(problems), ", ")
}
