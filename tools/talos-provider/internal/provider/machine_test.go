package provider

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	machineapi "github.com/siderolabs/talos/pkg/machinery/api/machine"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

const (
	applyToken      = "talos:machine/configurationApply:ConfigurationApply"
	bootstrapToken  = "talos:machine/bootstrap:Bootstrap"
	kubeconfigToken = "talos:cluster/kubeconfig:Kubeconfig"
	secretsToken    = "talos:machine/secrets:Secrets"
	schematicToken  = "talos:imageFactory/schematic:Schematic"
)

// machineInputs creates a Secrets resource, a machine and the inputs of a ConfigurationApply for it.
func machineInputs(t *testing.T, s *Server, maintenance bool) (*fakeMachine, resource.PropertyMap) {
	t.Helper()

	state, bundle := newSecrets(t, s)
	machine := startMachine(t, bundle, maintenance)

	result, err := invoke(t, s, "talos:machine/getConfiguration:getConfiguration", resource.PropertyMap{
		"clusterName": resource.NewProperty("test"), "clusterEndpoint": resource.NewProperty("https://10.0.0.11:6443"),
		"machineType": resource.NewProperty("controlplane"), "machineSecrets": state["machineSecrets"],
		"talosVersion": resource.NewProperty("v1.11.2"), "kubernetesVersion": resource.NewProperty("v1.34.1"),
	})
	must(t, err)

	return machine, resource.PropertyMap{
		"node": resource.NewProperty("10.0.0.11"), "endpoint": resource.NewProperty(machine.endpoint),
		"clientConfiguration":       state["clientConfiguration"],
		"machineConfigurationInput": plain(t, result.GetReturn())["machineConfiguration"],
	}
}

func connection(inputs resource.PropertyMap, timeout string) resource.PropertyMap {
	return resource.PropertyMap{
		"node": inputs["node"], "endpoint": inputs["endpoint"], "clientConfiguration": inputs["clientConfiguration"],
		"timeouts": resource.NewProperty(props(map[string]any{"create": timeout, "update": timeout})),
	}
}

func TestDialsWithoutCertificateFirstThenWithMutualTLS(t *testing.T) {
	s := newServer(t)
	machine, inputs := machineInputs(t, s, false)

	id, state := create(t, s, applyToken, inputs)

	equal(t, "id", id, "machine_configuration_apply")
	equal(t, "mode", stringOf(state, "resolvedApplyMode"), "auto")
	// The attempt without a client certificate is rejected during the handshake, before any call.
	equal(t, "connections", machine.connections.Load(), 2)
	equal(t, "calls", strings.Join(machine.recorded(), "; "), "ApplyConfiguration [10.0.0.11] mtls")
}

func TestUsesNoCertificateInMaintenanceMode(t *testing.T) {
	s := newServer(t)
	machine, inputs := machineInputs(t, s, true)

	create(t, s, applyToken, inputs)

	equal(t, "connections", machine.connections.Load(), 1)
	equal(t, "calls", strings.Join(machine.recorded(), "; "), "Disks [10.0.0.11] tls; ApplyConfiguration [10.0.0.11] tls")
}

func TestRetriesEverythingButInvalidArgument(t *testing.T) {
	s := newServer(t)
	machine, inputs := machineInputs(t, s, false)
	machine.errors["ApplyConfiguration"] = []error{
		status.Error(codes.PermissionDenied, "no"), status.Error(codes.Unimplemented, "not yet"),
	}

	create(t, s, applyToken, inputs)
	equal(t, "attempts", len(machine.recorded()), 3)

	machine.errors["ApplyConfiguration"] = []error{status.Error(codes.InvalidArgument, "bad configuration")}

	_, err := tryCreate(t, s, applyToken, inputs, false)
	if err == nil || err.Error() != "Error applying configuration: rpc error: code = InvalidArgument desc = bad configuration" {
		t.Errorf("got %v", err)
	}

	equal(t, "attempts after InvalidArgument", len(machine.recorded()), 4)
}

func TestBootstrapRetriesAlreadyExistsUntilItsTimeout(t *testing.T) {
	s := newServer(t)
	machine, inputs := machineInputs(t, s, false)
	machine.forever = true
	machine.errors["Bootstrap"] = []error{status.Error(codes.AlreadyExists, "etcd data directory is not empty")}

	start := time.Now()
	_, err := tryCreate(t, s, bootstrapToken, connection(inputs, "2s"), false)

	if err == nil || err.Error() != "Error bootstrapping node: rpc error: code = AlreadyExists desc = etcd data directory is not empty" {
		t.Errorf("got %v", err)
	}

	if waited := time.Since(start); waited < 2*time.Second || len(machine.recorded()) < 3 {
		t.Errorf("gave up after %s and %d attempts", waited, len(machine.recorded()))
	}
}

func TestTimeoutsDefaultToTenMinutes(t *testing.T) {
	timeout, err := timeoutOf(resource.PropertyMap{}, "create")
	must(t, err)
	equal(t, "timeout", timeout, 10*time.Minute)

	_, err = timeoutOf(props(map[string]any{"timeouts": map[string]any{"create": "soon"}}), "create")
	if err == nil || !strings.Contains(err.Error(), `timeout for "create" cannot be parsed`) {
		t.Errorf("got %v", err)
	}
}

func TestOnlyASignalInterruptsAnOperation(t *testing.T) {
	s := newServer(t)
	machine, inputs := machineInputs(t, s, false)
	machine.forever = true
	machine.errors["Bootstrap"] = []error{status.Error(codes.Unavailable, "down")}

	cancelled := make(chan int, 1)

	time.AfterFunc(200*time.Millisecond, func() {
		_, _ = s.Cancel(context.Background(), nil)
		cancelled <- len(machine.recorded())
	})

	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()

	_, err := s.Create(ctx, &pulumirpc.CreateRequest{Urn: urnOf(bootstrapToken), Properties: wire(t, connection(inputs, "10m"))})
	if err == nil {
		t.Error("want an error")
	}

	if before := <-cancelled; len(machine.recorded()) <= before {
		t.Errorf("no attempt after Cancel, %d before", before)
	}
}

func TestPreviewDialsMachineOnlyIfStagedIfNeedingReboot(t *testing.T) {
	s := newServer(t)
	machine, inputs := machineInputs(t, s, false)

	_, err := tryCreate(t, s, applyToken, inputs, true)
	must(t, err)
	equal(t, "calls", len(machine.recorded()), 0)

	staged := with(inputs, map[string]any{"applyMode": "staged_if_needing_reboot"})
	machine.mode = machineapi.ApplyConfigurationRequest_REBOOT

	resp, err := tryCreate(t, s, applyToken, staged, true)
	must(t, err)
	equal(t, "calls", len(machine.recorded()), 1)
	equal(t, "dry run", machine.applied[0].GetDryRun(), true)
	equal(t, "resolved", stringOf(plain(t, resp.GetProperties()), "resolvedApplyMode"), "staged")

	unreachable := with(staged, map[string]any{"endpoint": "127.0.0.1:1"})
	resp, err = tryCreate(t, s, applyToken, unreachable, true)
	must(t, err)
	equal(t, "resolved when unreachable", stringOf(plain(t, resp.GetProperties()), "resolvedApplyMode"), "auto")
}

func TestReadAndDeleteDoNotDialTheMachine(t *testing.T) {
	s := newServer(t)
	machine, inputs := machineInputs(t, s, false)
	id, state := create(t, s, applyToken, inputs)
	before := len(machine.recorded())

	read, err := s.Read(context.Background(), &pulumirpc.ReadRequest{
		Id: id, Urn: urnOf(applyToken), Properties: wire(t, state), Inputs: wire(t, inputs),
	})
	must(t, err)
	equal(t, "same state", plain(t, read.GetProperties()).DeepEquals(state), true)

	_, err = s.Delete(context.Background(), &pulumirpc.DeleteRequest{Id: id, Urn: urnOf(applyToken), Properties: wire(t, state)})
	must(t, err)
	equal(t, "calls", len(machine.recorded()), before)
}

func TestDeleteResetsIfTheStateRequiresIt(t *testing.T) {
	s := newServer(t)
	machine, inputs := machineInputs(t, s, false)
	id, state := create(t, s, applyToken, with(inputs, map[string]any{"onDestroy": map[string]any{"reset": true}}))
	equal(t, "graceful by default", boolOf(state, "onDestroy.graceful"), true)

	_, err := s.Delete(context.Background(), &pulumirpc.DeleteRequest{Id: id, Urn: urnOf(applyToken), Properties: wire(t, state)})
	must(t, err)
	equal(t, "wiped", machine.reset.GetSystemPartitionsToWipe()[1].GetLabel(), "EPHEMERAL")
	equal(t, "graceful", machine.reset.GetGraceful(), true)
	equal(t, "reboot", machine.reset.GetReboot(), false)
}

func TestChangingTheNodeUpdatesInPlace(t *testing.T) {
	s := newServer(t)
	_, inputs := machineInputs(t, s, false)
	_, state := create(t, s, applyToken, inputs)

	equal(t, "no change", diff(t, s, applyToken, state, inputs).GetChanges(), pulumirpc.DiffResponse_DIFF_NONE)

	change := diff(t, s, applyToken, state, with(inputs, map[string]any{"node": "10.0.0.12"}))
	equal(t, "diffs", strings.Join(change.GetDiffs(), " "), "node")
	equal(t, "replaces", len(change.GetReplaces()), 0)
}

func TestUnparsablePatchFailsThePreview(t *testing.T) {
	s := newServer(t)
	_, inputs := machineInputs(t, s, false)

	_, err := tryCreate(t, s, applyToken, with(inputs, map[string]any{
		"configPatches": []any{"machine:\n  nosuchkey: 1\n"},
	}), true)
	if err == nil || !strings.HasPrefix(err.Error(), "Error loading config patches: ") {
		t.Errorf("got %v", err)
	}
}

func TestUnknownInputsMakeOutputsUnknown(t *testing.T) {
	s := newServer(t)

	for _, token := range []string{applyToken, kubeconfigToken, bootstrapToken} {
		inputs := resource.PropertyMap{
			"node": resource.NewProperty("10.0.0.11"), "clientConfiguration": unknown(), "machineConfigurationInput": unknown(),
		}
		resp, err := tryCreate(t, s, token, inputs, true)
		must(t, err)

		got := plain(t, resp.GetProperties())
		equal(t, token+" endpoint", stringOf(got, "endpoint"), "10.0.0.11")

		for name, attr := range resourceKinds[token].attributes {
			key := resource.PropertyKey(name)
			if attr.computed && !isSet(attr.fallback) && key != "endpoint" && !got[key].IsComputed() {
				t.Errorf("%s: %s is known", token, name)
			}
		}
	}
}

func TestOnlyUpdateRenewsTheKubeconfig(t *testing.T) {
	s := newServer(t)
	machine, inputs := machineInputs(t, s, false)
	inputs = connection(inputs, "5s")

	machine.lifetime = 100 * time.Hour // less than the 720h of the default
	id, state := create(t, s, kubeconfigToken, inputs)
	equal(t, "id", id, "test")
	equal(t, "host", stringOf(state, "kubernetesClientConfiguration.host"), "https://10.0.0.11:6443")
	equal(t, "calls", machine.issued, 1)

	read, err := s.Read(context.Background(), &pulumirpc.ReadRequest{
		Id: id, Urn: urnOf(kubeconfigToken), Properties: wire(t, state), Inputs: wire(t, inputs),
	})
	must(t, err)
	equal(t, "state unchanged by refresh", plain(t, read.GetProperties()).DeepEquals(state), true)

	change := diff(t, s, kubeconfigToken, state, inputs)
	equal(t, "diffs", strings.Join(change.GetDiffs(), " "), "kubeconfigRaw kubernetesClientConfiguration")

	preview := update(t, s, kubeconfigToken, state, inputs, true)
	equal(t, "unknown in the plan", preview["kubeconfigRaw"].IsComputed(), true)
	equal(t, "calls after preview", machine.issued, 1)

	machine.lifetime = 8760 * time.Hour
	renewed := update(t, s, kubeconfigToken, state, inputs, false)
	equal(t, "calls after update", machine.issued, 2)
	equal(t, "new kubeconfig", stringOf(renewed, "kubeconfigRaw") != stringOf(state, "kubeconfigRaw"), true)
	equal(t, "changes after renewal", diff(t, s, kubeconfigToken, renewed, inputs).GetChanges(), pulumirpc.DiffResponse_DIFF_NONE)

	other := update(t, s, kubeconfigToken, renewed, with(inputs, map[string]any{"node": "10.0.0.12"}), false)
	equal(t, "calls after changing the node", machine.issued, 2)
	equal(t, "kubeconfig after changing the node", stringOf(other, "kubeconfigRaw"), stringOf(renewed, "kubeconfigRaw"))
}

func TestGetKubeconfigIssuesANewCertificateEachTime(t *testing.T) {
	s := newServer(t)
	machine, inputs := machineInputs(t, s, false)
	args := connection(inputs, "5s")

	var kubeconfigs []string

	for range 2 {
		resp, err := invoke(t, s, "talos:cluster/getKubeconfig:getKubeconfig", args)
		must(t, err)

		kubeconfigs = append(kubeconfigs, stringOf(plain(t, resp.GetReturn()), "kubeconfigRaw"))
	}

	equal(t, "issued", machine.issued, 2)
	equal(t, "different", kubeconfigs[0] != kubeconfigs[1], true)
}

func TestSecretMarks(t *testing.T) {
	s := newServer(t)
	_, inputs := machineInputs(t, s, false)

	resp, err := tryCreate(t, s, applyToken, inputs, false)
	must(t, err)

	state := raw(t, resp.GetProperties())

	secret := []string{}

	for key, value := range state {
		if value.ContainsSecrets() {
			secret = append(secret, string(key))
		}
	}

	slices.Sort(secret)
	equal(t, "secret", strings.Join(secret, " "), "clientConfiguration machineConfiguration machineConfigurationInput")
	equal(t, "key is secret", state["clientConfiguration"].ObjectValue()["clientKey"].IsSecret(), true)
	equal(t, "certificate is plain", state["clientConfiguration"].ObjectValue()["clientCertificate"].IsString(), true)
}
