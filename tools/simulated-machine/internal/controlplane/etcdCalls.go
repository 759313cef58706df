package controlplane

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/siderolabs/talos/pkg/machinery/api/machine"
	"go.etcd.io/etcd/api/v3/etcdserverpb"
	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	clientv3 "go.etcd.io/etcd/client/v3"
)

// Etcd are the calls about etcd of Talos' API. Errors have Talos' texts, or are etcd's own.
type Etcd interface {
	// Members lists the members, as this machine's member knows them or as the cluster does.
	Members(ctx context.Context, local bool) ([]*machine.EtcdMember, error)
	// Status is that of this machine's member.
	Status(ctx context.Context) (*machine.EtcdMemberStatus, error)
	Alarms(ctx context.Context) ([]*machine.EtcdMemberAlarm, error)
	// Remove removes a member; the error is or wraps rpctypes.ErrMemberNotFound if there is none of that id.
	Remove(ctx context.Context, member uint64) error
	// ForfeitLeadership returns the name of the new leader, empty if this machine's member was not the leader.
	ForfeitLeadership(ctx context.Context) (string, error)
	// ValidateForUpgrade returns why a machine must not go down now.
	ValidateForUpgrade(ctx context.Context) error
}

var errNoEndpoint = errors.New("no controlplane endpoints discovered yet")

// Etcd returns the calls about this machine's etcd.
func (r *Runner) Etcd() Etcd { return etcdCalls{r} }

type etcdCalls struct{ *Runner }

const etcdTimeout = 10 * time.Second

// memberURLs returns the client URLs of the hosts on which an etcd listens.
func (r *Runner) memberURLs(hosts []string) []string {
	var urls []string
	for _, host := range hosts {
		if accepts(host, etcdClientPort) {
			urls = append(urls, clientURL(host))
		}
	}
	return urls
}

// cluster connects to all members that can be reached.
func (c etcdCalls) cluster() (*clientv3.Client, error) {
	return c.etcdConnect(c.memberURLs(append([]string{c.loopback}, c.otherPeers()...))...)
}

func (c etcdCalls) with(ctx context.Context, connect func() (*clientv3.Client, error), use func(context.Context, *clientv3.Client) error) error {
	client, err := connect()
	if err != nil {
		return err
	}
	defer client.Close() //nolint:errcheck
	ctx, cancel := context.WithTimeout(ctx, etcdTimeout)
	defer cancel()
	return use(ctx, client)
}

func (c etcdCalls) local() (*clientv3.Client, error) { return c.etcdConnect(clientURL(c.loopback)) }

func (c etcdCalls) Members(ctx context.Context, local bool) ([]*machine.EtcdMember, error) {
	connect := c.cluster
	if local {
		connect = c.local
	}
	var members []*machine.EtcdMember
	err := c.with(ctx, connect, func(ctx context.Context, client *clientv3.Client) error {
		listed, err := client.MemberList(clientv3.WithRequireLeader(ctx))
		if err != nil {
			return err
		}
		for _, member := range listed.Members {
			members = append(members, &machine.EtcdMember{
				Id: member.ID, Hostname: member.Name, PeerUrls: member.PeerURLs, ClientUrls: member.ClientURLs, IsLearner: member.IsLearner,
			})
		}
		return nil
	})
	return members, err
}

func (c etcdCalls) Status(ctx context.Context) (*machine.EtcdMemberStatus, error) {
	var status *machine.EtcdMemberStatus
	err := c.with(ctx, c.local, func(ctx context.Context, client *clientv3.Client) error {
		got, err := client.Status(ctx, clientURL(c.loopback))
		if err != nil {
			return err
		}
		status = &machine.EtcdMemberStatus{
			MemberId: got.Header.MemberId, ProtocolVersion: got.Version, StorageVersion: got.StorageVersion,
			DbSize: got.DbSize, DbSizeInUse: got.DbSizeInUse, Leader: got.Leader, RaftIndex: got.RaftIndex, RaftTerm: got.RaftTerm,
			RaftAppliedIndex: got.RaftAppliedIndex, Errors: got.Errors, IsLearner: got.IsLearner,
		}
		return nil
	})
	return status, err
}

func (c etcdCalls) Alarms(ctx context.Context) ([]*machine.EtcdMemberAlarm, error) {
	var alarms []*machine.EtcdMemberAlarm
	err := c.with(ctx, c.local, func(ctx context.Context, client *clientv3.Client) error {
		listed, err := client.AlarmList(ctx)
		if err != nil {
			return err
		}
		for _, alarm := range listed.Alarms {
			kind := machine.EtcdMemberAlarm_NONE
			switch alarm.Alarm {
			case etcdserverpb.AlarmType_NOSPACE:
				kind = machine.EtcdMemberAlarm_NOSPACE
			case etcdserverpb.AlarmType_CORRUPT:
				kind = machine.EtcdMemberAlarm_CORRUPT
			}
			alarms = append(alarms, &machine.EtcdMemberAlarm{MemberId: alarm.MemberID, Alarm: kind})
		}
		return nil
	})
	return alarms, err
}

func (c etcdCalls) Remove(ctx context.Context, member uint64) error {
	return c.with(ctx, c.cluster, func(ctx context.Context, client *clientv3.Client) error {
		if _, err := client.MemberRemove(clientv3.WithRequireLeader(ctx), member); err != nil {
			return fmt.Errorf("failed to remove member %d: %w", member, err)
		}
		return nil
	})
}

func (c etcdCalls) ForfeitLeadership(ctx context.Context) (name string, err error) {
	err = c.with(ctx, c.local, func(ctx context.Context, client *clientv3.Client) error {
		alarms, err := client.AlarmList(ctx)
		if err != nil {
			return err
		}
		name, err = forfeitLeadership(ctx, client, alarms.Header.MemberId)
		return err
	})
	return name, err
}

// forfeitLeadership hands leadership from a member to another one; client is connected to that member.
func forfeitLeadership(ctx context.Context, client *clientv3.Client, own uint64) (string, error) {
	listed, err := client.MemberList(ctx)
	if err != nil {
		return "", fmt.Errorf("failed to list etcd members: %w", err)
	}
	if len(listed.Members) == 1 {
		return "", errors.New("cannot forfeit leadership, only one member")
	}
	status, err := client.Status(ctx, client.Endpoints()[0])
	if err != nil {
		return "", err
	}
	if status.Leader != own {
		return "", nil
	}
	var failed error
	for _, member := range listed.Members {
		if member.ID == own {
			continue
		}
		_, failed = client.MoveLeader(ctx, member.ID)
		switch {
		case failed == nil:
			return member.Name, nil
		case errors.Is(failed, rpctypes.ErrNotLeader):
			return "", nil
		case !member.IsLearner:
			return "", failed
		}
	}
	return "", failed
}

func (c etcdCalls) ValidateForUpgrade(ctx context.Context) error {
	members, err := c.Members(ctx, false)
	if err != nil {
		return err
	}
	if len(members) == 2 {
		return fmt.Errorf("etcd member count(%d) is insufficient to maintain quorum if upgrade commences", len(members))
	}
	for _, member := range members {
		if member.GetHostname() == "" {
			return fmt.Errorf("etcd member %016x is not started, all members must be running to perform an upgrade", member.GetId())
		}
		connect := func() (*clientv3.Client, error) { return c.etcdConnect(member.GetClientUrls()...) }
		if err := c.with(ctx, connect, quorum); err != nil {
			return fmt.Errorf("etcd member %016x is not healthy; all members must be healthy to perform an upgrade: %w", member.GetId(), err)
		}
	}
	return nil
}

// quorum reads a key, which takes the agreement of most members. A learner refuses.
func quorum(ctx context.Context, client *clientv3.Client) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	_, err := client.Get(ctx, "health")
	if errors.Is(err, rpctypes.ErrPermissionDenied) {
		return nil
	}
	return err
}
