package controlplane

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"k8s-gitops/tools/simulated-machine/internal/settings"

	"github.com/siderolabs/talos/pkg/machinery/config"
	"github.com/siderolabs/talos/pkg/machinery/config/generate"
	"github.com/siderolabs/talos/pkg/machinery/config/generate/secrets"
	machinetype "github.com/siderolabs/talos/pkg/machinery/config/machine"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
)

func testConfig(t *testing.T) func(machinetype.Type) config.Provider {
	t.Helper()
	contract := config.TalosVersion1_11
	bundle, err := secrets.NewBundle(secrets.NewClock(), contract)
	if err != nil {
		t.Fatal(err)
	}
	input, err := generate.NewInput("test", "https://api.test:6443", "1.34.1",
		generate.WithVersionContract(contract), generate.WithSecretsBundle(bundle), generate.WithAllowSchedulingOnControlPlanes(true))
	if err != nil {
		t.Fatal(err)
	}
	return func(kind machinetype.Type) config.Provider {
		cfg, err := input.Config(kind)
		if err != nil {
			t.Fatal(err)
		}
		return cfg
	}
}

func testRunner(t *testing.T, index int, binaries string) *Runner {
	t.Helper()
	peers := map[string]string{}
	for i := 1; i <= 3; i++ {
		peers[fmt.Sprintf("10.99.0.%d", i)] = fmt.Sprintf("127.99.0.%d", i)
	}
	folder := t.TempDir()
	runner := New(settings.Settings{
		Name:        fmt.Sprintf("node-%d", index),
		Address:     fmt.Sprintf("10.99.0.%d", index),
		Listen:      fmt.Sprintf("127.99.0.%d:50000", index),
		APIListen:   fmt.Sprintf("127.99.0.%d:6443", index),
		StateDir:    folder,
		LogDir:      filepath.Join(folder, "logs"),
		Peers:       peers,
		APIServerOn: "first",
		First:       index == 1,
		Binaries: settings.Binaries{
			Etcd: filepath.Join(binaries, "etcd"), Kwok: filepath.Join(binaries, "kwok"),
			Kubernetes: map[string]map[string]string{"v1.34.1": kubernetesIn(binaries), "v1.34.4": kubernetesIn(filepath.Join(binaries, "next"))},
		},
	}, log.New(io.Discard, "", 0))
	t.Cleanup(func() {
		runner.Stop()
		if !t.Failed() {
			return
		}
		logs, _ := filepath.Glob(filepath.Join(folder, "logs", "*.log"))
		for _, file := range logs {
			content, _ := os.ReadFile(file)
			t.Logf("%s: %s", file, content[max(0, len(content)-1500):])
		}
	})
	return runner
}

func kubernetesIn(folder string) map[string]string {
	paths := map[string]string{}
	for _, name := range []string{"kube-apiserver", "kube-controller-manager", "kube-scheduler"} {
		paths[name] = filepath.Join(folder, name)
	}
	return paths
}

func wanted(cfg config.Provider) Wanted {
	return Wanted{Config: cfg, Talos: "v1.11.2", ConfigVersions: map[string]string{"kube-apiserver": "1"}}
}

func eventually(t *testing.T, what string, check func() error) {
	t.Helper()
	var err error
	for deadline := time.Now().Add(90 * time.Second); time.Now().Before(deadline); time.Sleep(time.Second) {
		if err = check(); err == nil {
			return
		}
	}
	t.Fatalf("%s: %v", what, err)
}

// TestRealControlPlane runs with the real binaries (a folder in CONTROL_PLANE_BINARIES): two control planes form one etcd
// cluster; they and a worker register nodes that become ready with their Cilium pods; Pod Security is enforced.
func TestRealControlPlane(t *testing.T) {
	binaries := os.Getenv("CONTROL_PLANE_BINARIES")
	if binaries == "" {
		t.Skip("CONTROL_PLANE_BINARIES is not set")
	}
	configure := testConfig(t)
	cfg := configure(machinetype.TypeControlPlane)
	first, second := testRunner(t, 1, binaries), testRunner(t, 2, binaries)
	first.Start(wanted(cfg))
	second.Start(wanted(cfg))
	worker := testRunner(t, 3, binaries)
	worker.Start(wanted(configure(machinetype.TypeWorker)))
	if err := first.Bootstrap(cfg); err != nil {
		t.Fatal(err)
	}
	if err := first.Bootstrap(cfg); !errors.Is(err, ErrAlreadyBootstrapped) {
		t.Fatalf("second bootstrap: %v", err)
	}
	ctx := context.Background()
	eventually(t, "two voting etcd members", func() error {
		members, err := first.Etcd().Members(ctx, false)
		if err != nil {
			return err
		}
		if len(members) != 2 || members[0].IsLearner || members[1].IsLearner {
			return fmt.Errorf("members: %v", members)
		}
		return nil
	})
	rest, err := clientcmd.BuildConfigFromFlags("", first.adminKubeconfigFile())
	if err != nil {
		t.Fatal(err)
	}
	client := kubernetes.NewForConfigOrDie(rest)
	ready := func(wanted corev1.ConditionStatus) func() error {
		return func() error {
			nodes, err := client.CoreV1().Nodes().List(ctx, metav1.ListOptions{})
			if err != nil {
				return err
			}
			count := 0
			for _, node := range nodes.Items {
				for _, condition := range node.Status.Conditions {
					if condition.Type == corev1.NodeReady && condition.Status == wanted {
						count++
					}
				}
			}
			if count != 3 {
				return fmt.Errorf("%d of %d nodes have Ready=%s", count, len(nodes.Items), wanted)
			}
			return nil
		}
	}
	eventually(t, "rejection of a privileged pod", func() error {
		privileged := true
		_, err := client.CoreV1().Pods("default").Create(ctx, &corev1.Pod{
			ObjectMeta: metav1.ObjectMeta{Name: "privileged"},
			Spec: corev1.PodSpec{Containers: []corev1.Container{{
				Name: "one", Image: "none", SecurityContext: &corev1.SecurityContext{Privileged: &privileged},
			}}},
		}, metav1.CreateOptions{})
		if err == nil || !strings.Contains(err.Error(), `violates PodSecurity "baseline:latest"`) {
			return fmt.Errorf("creating it returned: %v", err)
		}
		return nil
	})
	eventually(t, "three nodes not ready", ready(corev1.ConditionFalse))
	for i := 1; i <= 3; i++ {
		eventually(t, "a Cilium pod", func() error {
			_, err := client.CoreV1().Pods("kube-system").Create(ctx, &corev1.Pod{
				ObjectMeta: metav1.ObjectMeta{
					Name:   fmt.Sprintf("cilium-%d", i),
					Labels: map[string]string{"k8s-app": "cilium"},
				},
				Spec: corev1.PodSpec{
					NodeName:   fmt.Sprintf("node-%d", i),
					Containers: []corev1.Container{{Name: "agent", Image: "none"}},
				},
			}, metav1.CreateOptions{})
			return err
		})
	}
	eventually(t, "three ready nodes", ready(corev1.ConditionTrue))
	eventually(t, "pod set to unready", func() error {
		pod, err := client.CoreV1().Pods("kube-system").Get(ctx, "cilium-1", metav1.GetOptions{})
		if err != nil {
			return err
		}
		for k := range pod.Status.Conditions {
			if pod.Status.Conditions[k].Type == corev1.PodReady {
				pod.Status.Conditions[k].Status = corev1.ConditionFalse
			}
		}
		_, err = client.CoreV1().Pods("kube-system").UpdateStatus(ctx, pod, metav1.UpdateOptions{})
		return err
	})
	eventually(t, "pod ready again", func() error {
		pod, err := client.CoreV1().Pods("kube-system").Get(ctx, "cilium-1", metav1.GetOptions{})
		if err != nil {
			return err
		}
		for _, condition := range pod.Status.Conditions {
			if condition.Type == corev1.PodReady && condition.Status == corev1.ConditionTrue {
				return nil
			}
		}
		return errors.New("still not ready")
	})

	requests, err := client.CertificatesV1().CertificateSigningRequests().List(ctx, metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if len(requests.Items) != 1 || !strings.HasPrefix(requests.Items[0].Spec.Username, "system:bootstrap:") {
		t.Errorf("certificate requests: %v", requests.Items)
	}

	// A graceful reset leaves etcd, and the machine can join again.
	members := func(wanted int) func() error {
		return func() error {
			members, err := first.Etcd().Members(ctx, false)
			if err != nil {
				return err
			}
			if len(members) != wanted || members[len(members)-1].IsLearner || members[0].IsLearner {
				return fmt.Errorf("members: %v", members)
			}
			return nil
		}
	}
	if err := second.Leave(ctx); err != nil {
		t.Fatal(err)
	}
	second.Stop()
	if err := second.Wipe(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "one member", members(1))
	if err := first.Leave(ctx); err == nil {
		t.Error("the last member was able to leave etcd")
	} else {
		t.Logf("the last member: %v", err)
	}
	second.Start(wanted(cfg))
	eventually(t, "two members again", members(2))
}
