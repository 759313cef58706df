package machined

import (
	"fmt"
	"sync"

	"github.com/google/uuid"
	"github.com/siderolabs/talos/pkg/machinery/api/machine"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
)

// hub distributes events to subscribers.
type hub struct {
	mutex       sync.Mutex
	subscribers map[chan *machine.Event]struct{}
}

func newHub() *hub { return &hub{subscribers: map[chan *machine.Event]struct{}{}} }

func (h *hub) subscribe() (<-chan *machine.Event, func()) {
	events := make(chan *machine.Event, 32)
	h.mutex.Lock()
	defer h.mutex.Unlock()
	h.subscribers[events] = struct{}{}
	return events, func() {
		h.mutex.Lock()
		defer h.mutex.Unlock()
		delete(h.subscribers, events)
	}
}

// publish never blocks: a subscriber that does not keep up misses events.
func (h *hub) publish(event *machine.Event) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	for subscriber := range h.subscribers {
		select {
		case subscriber <- event:
		default:
		}
	}
}

// newEvent wraps a payload like Talos, with Talos' own scheme for type URLs.
func newEvent(actor string, payload proto.Message) (*machine.Event, error) {
	data, err := anypb.New(payload)
	if err != nil {
		return nil, err
	}
	data.TypeUrl = fmt.Sprintf("talos/runtime/%s", payload.ProtoReflect().Descriptor().FullName())
	return &machine.Event{Id: uuid.NewString(), ActorId: actor, Data: data}, nil
}

// publishShutdown announces that a sequence has started and that services are stopping.
func (b *boot) publishShutdown(actor, sequence string) {
	for _, payload := range []proto.Message{
		&machine.SequenceEvent{Sequence: sequence, Action: machine.SequenceEvent_START},
		&machine.TaskEvent{Task: "stopAllServices", Action: machine.TaskEvent_START},
	} {
		if event, err := newEvent(actor, payload); err == nil {
			b.events.publish(event)
		}
	}
}

// Events sends an empty initial event and the state of the services, then streams events until one side closes.
func (s *configured) Events(in *machine.EventsRequest, stream machine.MachineService_EventsServer) error {
	events, unsubscribe := s.boot.events.subscribe()
	defer unsubscribe()
	initial := &machine.Event{Id: uuid.NewString(), ActorId: in.GetWithActorId(), Data: &anypb.Any{}}
	if err := stream.Send(initial); err != nil {
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
