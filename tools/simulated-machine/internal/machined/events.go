package machined

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/siderolabs/talos/pkg/machinery/api/machine"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
)

// history is how many events a machine remembers, as in Talos.
const history = 990

// hub distributes events to subscribers and remembers the last ones.
type hub struct {
	mutex       sync.Mutex
	past        []pastEvent
	subscribers map[chan *machine.Event]struct{}
}

type pastEvent struct {
	at    time.Time
	event *machine.Event
}

func newHub() *hub { return &hub{subscribers: map[chan *machine.Event]struct{}{}} }

// subscribe returns the events from before that the request asks for, and a channel of all later ones.
func (h *hub) subscribe(in *machine.EventsRequest) ([]*machine.Event, <-chan *machine.Event, func()) {
	events := make(chan *machine.Event, history)
	h.mutex.Lock()
	defer h.mutex.Unlock()
	h.subscribers[events] = struct{}{}
	return h.tail(in), events, func() {
		h.mutex.Lock()
		defer h.mutex.Unlock()
		delete(h.subscribers, events)
	}
}

func (h *hub) tail(in *machine.EventsRequest) []*machine.Event {
	from := len(h.past)
	switch {
	case in.GetTailEvents() < 0:
		from = 0
	case in.GetTailEvents() > 0:
		from = max(0, from-int(in.GetTailEvents()))
	case in.GetTailId() != "":
		from = 1 + slices.IndexFunc(h.past, func(p pastEvent) bool { return p.event.GetId() == in.GetTailId() })
	case in.GetTailSeconds() != 0:
		since := time.Now().Add(-time.Duration(in.GetTailSeconds()) * time.Second)
		if from = slices.IndexFunc(h.past, func(p pastEvent) bool { return p.at.After(since) }); from < 0 {
			from = len(h.past)
		}
	}
	var events []*machine.Event
	for _, past := range h.past[from:] {
		events = append(events, past.event)
	}
	return events
}

// publish never blocks: a subscriber that does not keep up misses events.
func (h *hub) publish(event *machine.Event) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	h.past = append(h.past, pastEvent{time.Now(), event})
	h.past = h.past[max(0, len(h.past)-history):]
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

func (b *boot) publish(actor string, payload proto.Message) {
	if event, err := newEvent(actor, payload); err == nil {
		b.stages.follow(payload)
		b.events.publish(event)
	}
}

// Events sends an empty initial event, past events if asked to, and then events until one side closes.
func (s *configured) Events(in *machine.EventsRequest, stream machine.MachineService_EventsServer) error {
	past, events, unsubscribe := s.boot.events.subscribe(in)
	defer unsubscribe()
	initial := &machine.Event{Id: uuid.NewString(), ActorId: in.GetWithActorId(), Data: &anypb.Any{}}
	if err := stream.Send(initial); err != nil {
		return err
	}
	send := func(event *machine.Event) error {
		if actor := in.GetWithActorId(); actor != "" && event.GetActorId() != actor {
			return nil
		}
		return stream.Send(proto.Clone(event).(*machine.Event))
	}
	for _, event := range past {
		if err := send(event); err != nil {
			return err
		}
	}
	for {
		select {
		case <-stream.Context().Done():
			return stream.Context().Err()
		case event := <-events:
			if err := send(event); err != nil {
				return err
			}
		}
	}
}
