package machined

import (
	"context"
	"fmt"
	"testing"

	"k8s-gitops/tools/simulated-machine/internal/settings"

	"github.com/cosi-project/runtime/pkg/safe"
	"github.com/siderolabs/talos/pkg/machinery/client"
	machinetype "github.com/siderolabs/talos/pkg/machinery/config/machine"
	"github.com/siderolabs/talos/pkg/machinery/resources/network"
)

// linksOf formats a machine's links: name, type, kind, address, permanent address, driver, bus path.
func linksOf(t *testing.T, c *client.Client) string {
	t.Helper()
	found, err := safe.StateListAll[*network.LinkStatus](short(t), c.COSI)
	must(t, err)
	text := ""
	for link := range found.All() {
		spec := link.TypedSpec()
		hardware, err := spec.HardwareAddr.MarshalText()
		must(t, err)
		permanent, err := spec.PermanentAddr.MarshalText()
		must(t, err)
		text += fmt.Sprintf("%s %s %q %s %s %s %s\n", link.Metadata().ID(), spec.Type, spec.Kind, hardware, permanent, spec.Driver, spec.BusPath)
	}
	return text
}

func expectLinks(t *testing.T, c *client.Client, want string) {
	t.Helper()
	if got := linksOf(t, c); got != want {
		t.Errorf("links:\n%swant:\n%s", got, want)
	}
}

func TestLinks(t *testing.T) {
	r := newCluster(t).start(1, t.TempDir())
	up(t, r)
	const virtual = `dummy0 ether "dummy" 02:00:00:00:00:01 02:00:00:00:00:01  
`
	const other = `eno1 ether "" aa:bb:cc:00:00:01 aa:bb:cc:00:00:01 e1000e 0000:00:1f.6
`
	const loopback = `lo loopback "" 00:00:00:00:00:00 00:00:00:00:00:00  
`
	expectLinks(t, r.insecure(), virtual+other+
		`enp1s0f0np0 ether "" f8:f2:1e:20:01:01 f8:f2:1e:20:01:01 i40e 0000:01:00.0
enp1s0f1np1 ether "" f8:f2:1e:20:01:02 f8:f2:1e:20:01:02 i40e 0000:01:00.1
`+loopback)

	bond := `        hostname: cp-1
        interfaces:
            - interface: bond0
              mtu: 9000
              bond:
                mode: 802.3ad
                deviceSelectors:
                    - hardwareAddr: f8:f2:1e:20:*
                      driver: i40e
`
	admin := r.install(r.config(machinetype.TypeControlPlane, "cp-1", "        hostname: cp-1\n", bond))
	eventually(t, func() error {
		_, err := admin.Version(context.Background())
		return err
	})
	expectLinks(t, admin, `bond0 ether "bond" f8:f2:1e:20:01:01   
`+virtual+other+
		`enp1s0f0np0 ether "" f8:f2:1e:20:01:01 f8:f2:1e:20:01:01 i40e 0000:01:00.0
enp1s0f1np1 ether "" f8:f2:1e:20:01:01 f8:f2:1e:20:01:02 i40e 0000:01:00.1
`+loopback)
}

func TestInvalidLinkAddress(t *testing.T) {
	_, err := simulatedLinks([]settings.Link{{Name: "eno1", HardwareAddr: "f8:f2"}}, nil)
	if err == nil || err.Error() != "link eno1: address f8:f2: invalid MAC address" {
		t.Errorf("error %v", err)
	}
}
