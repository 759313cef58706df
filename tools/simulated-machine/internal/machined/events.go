package machined

import (
	"fmt"
	"sync"

	"github.com/google/uuid"
	"github.com/siderolabs/talos/pkg/machinery/api/machine"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
)

// hub passes events on to those who follow them.
type hub struct {
	mutex     sync.Mutex
	followers map[chan *machine.Event]struct{}
}

func newHub() *hub { return &hub{followers: map[chan *machine.Event]struct{}{}} }

func (h *hub) follow() (<-chan *machine.Event, func()) {
	events := make(chan *machine.Event, 32)
	h.mutex.Lock()
	defer h.mutex.Unlock()
	h.followers[events] = struct{}{}
	return events, func() {
		h.mutex.Lock()
		defer h.mutex.Unlock()
		delete(h.followers, events)
	}
}

// publish never waits: a follower that does not read misses events.
func (h *hub) publish(event *machine.Event) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	for follower := range h.followers {
		select {
		case follower <- event:
		default:
		}
	}
}

// newEvent wraps a payload the way Talos does: its type is named by Talos' own scheme.
func newEvent(actor string, payload proto.Message) (*machine.Event, error) {
	data, err := anypb.New(payload)
	if err != nil {
		return nil, err
	}
	data.TypeUrl = fmt.Sprintf("talos/runtime/%s", payload.ProtoReflect().Descriptor().FullName())
	return &machine.Event{Id: uuid.NewString(), ActorId: actor, Data: data}, nil
}

// goingDown tells followers about the sequence that has begun and that the services stop.
func (b *boot) goingDown(actor, sequence string) {
	for _, payload := range []proto.Message{
		&machine.SequenceEvent{Sequence: sequence, Action: machine.SequenceEvent_START},
		&machine.TaskEvent{Task: "stopAllServices", Action: machine.TaskEvent_START},
	} {
		if event, err := newEvent(actor, payload); err == nil {
			b.events.publish(event)
		}
	}
}

// Events says hello with an empty event, tells the state of the services and goes on until one side ends it.
func (s *configured) Events(in *machine.EventsRequest, stream machine.MachineService_EventsServer) error {
	events, end := s.boot.events.follow()
	defer end()
	hello := &machine.Event{Id: uuid.NewString(), ActorId: in.GetWithActorId(), Data: &anypb.Any{}}
	if err := stream.Send(hello); err != nil {
		return err
	}
	for _, service := range s.boot.machine.Runner.Services() {
		action := machine.ServiceStateEvent_RUNNING
		if service.State != "Running" {
			action = machine.ServiceStateEvent_PREPARING
		}
		event, err := newEvent("", &machine.ServiceStateEvent{
			Service: service.ID, Action: action, Message: "simulated", Health: &machine.ServiceHealth{Healthy: service.Healthy},
		})
		if err != nil {
			return err
		}
		if err := stream.Send(event); err != nil {
			return err
		}
	}
	for {
		select {
		case <-stream.Context().Done():
			return stream.Context().Err()
		case event := <-events:
			if actor := in.GetWithActorId(); actor != "" && event.GetActorId() != actor {
				continue
			}
			if err := stream.Send(proto.Clone(event).(*machine.Event)); err != nil {
				return err
			}
		}
	}
}
