package machined

import (
	"sync"

	"github.com/siderolabs/talos/pkg/machinery/api/common"
	"github.com/siderolabs/talos/pkg/machinery/api/machine"
	"github.com/siderolabs/talos/pkg/machinery/resources/runtime"
	"google.golang.org/protobuf/proto"
)

// stageOf are the stages in which the machine is while a sequence runs.
var stageOf = map[string]runtime.MachineStage{
	sequenceBoot: runtime.MachineStageBooting, sequenceShutdown: runtime.MachineStageShuttingDown,
	sequenceUpgrade: runtime.MachineStageUpgrading, sequenceStageUpgrade: runtime.MachineStageUpgrading,
	sequenceReset: runtime.MachineStageResetting, sequenceReboot: runtime.MachineStageRebooting,
}

// stages follows the events of sequences, as Talos does: a stage lasts until another sequence starts.
type stages struct {
	mutex    sync.Mutex
	stage    runtime.MachineStage
	sequence string
}

func (s *stages) follow(payload proto.Message) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.stage, s.sequence = nextStage(s.stage, s.sequence, payload)
}

func (s *stages) current() runtime.MachineStage {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.stage
}

// nextStage is the stage after an event. sequence is the one that is running.
func nextStage(stage runtime.MachineStage, sequence string, event proto.Message) (runtime.MachineStage, string) {
	switch payload := event.(type) {
	case *machine.SequenceEvent:
		sequence = payload.GetSequence()
		switch payload.GetAction() {
		case machine.SequenceEvent_START:
			stage = stageOf[sequence]
		case machine.SequenceEvent_NOOP:
			if payload.GetError().GetCode() == common.Code_FATAL {
				stage = runtime.MachineStageRebooting
			}
		case machine.SequenceEvent_STOP:
			if sequence == sequenceBoot && payload.GetError() == nil {
				stage = runtime.MachineStageRunning
			}
			sequence = ""
		}
	case *machine.PhaseEvent:
		upgrading := sequence == sequenceUpgrade || sequence == sequenceStageUpgrade
		if upgrading && payload.GetAction() == machine.PhaseEvent_START && payload.GetPhase() == "kexec" {
			stage = runtime.MachineStageRebooting
		}
	}
	return stage, sequence
}
