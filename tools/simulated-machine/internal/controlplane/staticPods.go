package controlplane

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/siderolabs/talos/pkg/machinery/config"
	"k8s.io/client-go/kubernetes"
)

// staticPod is a component of the control plane: a process here, or on a machine without an API server of its own only a
// pod that says so.
type staticPod struct {
	name  string
	image string
	child *child
	// command is what child runs, without the path that the image stands for.
	command []string
	// since is when it was started or, without a process, would have been.
	since time.Time
	// configVersion is that of the configuration that runs.
	configVersion string
	// problem is why it does not run: Talos' image is missing; empty if it may run.
	problem string
	ready   bool
	checked time.Time
}

// imageTag returns the tag of an image, without a digest; empty if it has none.
func imageTag(image string) string {
	image, _, _ = strings.Cut(image, "@")
	_, name, _ := strings.Cut(image[strings.LastIndex(image, "/")+1:], ":")
	return name
}

func (r *Runner) hasVersion(version string) bool {
	_, known := r.settings.Binaries.Kubernetes[version]
	return known
}

// HasImage reports whether an image can be pulled: of Kubernetes' components, only those of the versions of the lab.
func (r *Runner) HasImage(image string) bool {
	name, _, _ := strings.Cut(image[strings.LastIndex(image, "/")+1:], ":")
	if slices.Contains([]string{"kubelet", "kube-apiserver", "kube-controller-manager", "kube-scheduler"}, name) {
		return r.hasVersion(imageTag(image))
	}
	return true
}

// runsProcesses reports whether this machine runs an API server, or only its etcd.
func (r *Runner) runsProcesses() bool {
	return r.settings.APIServerOn == "all" || r.settings.First || r.bootstrapped()
}

// Times between two looks at the configurations, and at a component that is ready.
const (
	staticPodInterval = 500 * time.Millisecond
	probeInterval     = 3 * time.Second
)

// keepStaticPods starts the components as soon as etcd is healthy, and restarts each whose configuration changes.
func (r *Runner) keepStaticPods(ctx context.Context) {
	interval := 100 * time.Millisecond
	for !r.etcdIsHealthy() {
		if pause(ctx, interval) != nil {
			return
		}
	}
	if r.runsProcesses() {
		if err := r.prepareKubernetes(r.currentConfig()); err != nil {
			r.logger.Printf("control plane: %v", err)
			return
		}
	}
	r.mutex.Lock()
	for _, name := range []string{"kube-apiserver", "kube-controller-manager", "kube-scheduler"} {
		r.staticPods = append(r.staticPods, &staticPod{name: name})
	}
	pods := slices.Clone(r.staticPods)
	r.mutex.Unlock()
	for {
		for _, pod := range pods {
			if err := r.reconcileStaticPod(ctx, pod); err != nil && ctx.Err() == nil {
				r.logger.Printf("%s: %v", pod.name, err)
			}
		}
		if pause(ctx, interval) != nil {
			return
		}
		interval = staticPodInterval
	}
}

func (r *Runner) etcdIsHealthy() bool {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	return r.etcdHealthy
}

// prepareKubernetes writes keys and certificates, and the kubeconfig that the lab's agent and kubectl use too.
func (r *Runner) prepareKubernetes(cfg config.Provider) error {
	if err := r.kubernetesPKI(cfg); err != nil {
		return err
	}
	content, err := kubeconfig(cfg, r.apiServerURL(), admin)
	if err != nil {
		return err
	}
	temporary := r.adminKubeconfigFile() + ".new"
	if err := os.WriteFile(temporary, content, 0o600); err != nil {
		return err
	}
	if err := os.Rename(temporary, r.adminKubeconfigFile()); err != nil {
		return err
	}
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if r.cancel != nil {
		r.background(r.keepBootstrapToken)
	}
	return nil
}

// componentOf returns the image and the arguments of a component.
func (r *Runner) componentOf(name string, cfg config.Provider) (image string, arguments map[string]string, err error) {
	switch name {
	case "kube-apiserver":
		arguments, err = r.apiServer(cfg)
		return cfg.Cluster().APIServer().Image(), arguments, err
	case "kube-controller-manager":
		return cfg.Cluster().ControllerManager().Image(), r.controllerManager(cfg), nil
	default:
		return cfg.Cluster().Scheduler().Image(), r.scheduler(cfg), nil
	}
}

func (r *Runner) reconcileStaticPod(ctx context.Context, pod *staticPod) error {
	wanted := r.currentWanted()
	image, arguments, err := r.componentOf(pod.name, wanted.Config)
	if err != nil {
		return err
	}
	version := imageTag(image)
	next := r.kubernetesChild(pod.name, r.settings.Binaries.Kubernetes[version][pod.name], arguments)
	if pod.image != image || !slices.Equal(pod.command, next.command) {
		r.restartStaticPod(ctx, pod, image, next)
	}
	ready := pod.ready
	if !ready || time.Since(pod.checked) > probeInterval {
		ready, pod.checked = r.staticPodReady(ctx, pod), time.Now()
	}
	r.mutex.Lock()
	defer r.mutex.Unlock()
	pod.configVersion, pod.ready = wanted.ConfigVersions[pod.name], ready
	return nil
}

// restartStaticPod replaces the process, as the kubelet does: the old one ends first, then the image is pulled.
func (r *Runner) restartStaticPod(ctx context.Context, pod *staticPod, image string, next *child) {
	r.mutex.Lock()
	old, first := pod.child, pod.image == ""
	pod.child, pod.image, pod.command, pod.ready, pod.problem = nil, image, next.command, false, ""
	r.mutex.Unlock()
	if old != nil {
		r.logger.Printf("restarting %s: its configuration changed (%s)", pod.name, image)
		old.stop()
	}
	if !r.HasImage(image) {
		r.logger.Printf("%s: the lab has no image %s", pod.name, image)
		r.mutex.Lock()
		pod.problem = fmt.Sprintf("Back-off pulling image %q", image)
		r.mutex.Unlock()
		return
	}
	if !first && pause(ctx, r.Delays.Pull) != nil {
		return
	}
	r.mutex.Lock()
	defer r.mutex.Unlock()
	pod.since = time.Now()
	if r.cancel == nil || r.kubelet.stopped || !r.runsProcesses() {
		return
	}
	r.logger.Printf("starting %s", pod.name)
	pod.child = next
	next.start()
}

// insecure is for the health checks of programs that sign their own certificates, as those of the kubelet.
var insecure = &http.Client{
	Timeout:   2 * time.Second,
	Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}, //nolint:gosec // as a kubelet's probe
}

func (r *Runner) staticPodReady(ctx context.Context, pod *staticPod) bool {
	r.mutex.Lock()
	running, problem, since, stopped := pod.child, pod.problem, pod.since, r.kubelet.stopped
	r.mutex.Unlock()
	switch {
	case problem != "" || stopped:
		return false
	case !r.runsProcesses():
		return time.Since(since) > r.Delays.Pull && r.etcdIsHealthy()
	case running == nil || !running.running():
		return false
	}
	switch pod.name {
	case "kube-apiserver":
		return r.apiServerReady(ctx)
	case "kube-controller-manager":
		return healthy(ctx, r.loopback, controllerManagerPort)
	default:
		return healthy(ctx, r.loopback, schedulerPort)
	}
}

func healthy(ctx context.Context, host string, port int) bool {
	address := "https://" + net.JoinHostPort(host, strconv.Itoa(port)) + "/healthz"
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return false
	}
	response, err := insecure.Do(request)
	if err != nil {
		return false
	}
	_ = response.Body.Close()
	return response.StatusCode == http.StatusOK
}

func (r *Runner) apiServerReady(ctx context.Context) bool {
	client, err := r.cachedAdmin()
	if err != nil {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	return client.Discovery().RESTClient().Get().AbsPath("/readyz").Do(ctx).Error() == nil
}

// cachedAdmin keeps one connection to the API server for its probes.
func (r *Runner) cachedAdmin() (kubernetes.Interface, error) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if r.admin != nil {
		return r.admin, nil
	}
	client, err := r.adminClient()
	r.admin = client
	return client, err
}

// NotReady says, in the words of Talos, which static pods are not ready and why the node is not; nil if they are.
func (r *Runner) NotReady() (staticPods, node error) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if r.wanted.Config == nil {
		return nil, nil
	}
	var problems []string
	for _, pod := range r.staticPods {
		if !pod.ready {
			problems = append(problems, fmt.Sprintf("kube-system/%s-%s not ready", pod.name, r.hostname(r.wanted.Config)))
		}
	}
	if len(problems) > 0 {
		staticPods = fmt.Errorf("%s", strings.Join(problems, ", "))
	}
	return staticPods, r.kubelet.notReady(r.hostname(r.wanted.Config))
}
