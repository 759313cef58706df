package controlplane

import (
	"context"
	"io"
	"net"
	"strconv"
	"time"
)

// KubePrism, which every Talos machine has on its loopback: kubelets reach any API server through it, so no API server is
// indispensable to a node.

const (
	kubePrismPort = 7445
	// kubePrismServerName is in the certificate of every API server.
	kubePrismServerName = "localhost"
)

func (r *Runner) kubePrismURL() string {
	return "https://" + net.JoinHostPort(r.loopback, strconv.Itoa(kubePrismPort))
}

// serveKubePrism forwards connections until ctx ends. It waits for a port that the boot before may just have released.
func (r *Runner) serveKubePrism(ctx context.Context) error {
	address := net.JoinHostPort(r.loopback, strconv.Itoa(kubePrismPort))
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	for err != nil {
		r.logOnce("simulated KubePrism: " + err.Error())
		if err := pause(ctx, time.Second); err != nil {
			return err
		}
		listener, err = (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	}
	context.AfterFunc(ctx, func() { _ = listener.Close() })
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			go r.forward(ctx, connection)
		}
	}()
	return nil
}

func (r *Runner) forward(ctx context.Context, client net.Conn) {
	server := r.dialAPIServer()
	if server == nil {
		_ = client.Close()
		return
	}
	stop := context.AfterFunc(ctx, func() { _, _ = client.Close(), server.Close() })
	defer stop()
	go func() {
		_, _ = io.Copy(server, client)
		_, _ = client.Close(), server.Close()
	}()
	_, _ = io.Copy(client, server)
	_, _ = client.Close(), server.Close()
}

// dialAPIServer connects to this machine's API server, else to another one; nil if none accepts connections.
func (r *Runner) dialAPIServer() net.Conn {
	_, port, err := net.SplitHostPort(r.settings.APIListen)
	if err != nil {
		return nil
	}
	hosts := r.otherPeers()
	if r.apiServerIsReady() {
		hosts = append([]string{r.loopback}, hosts...)
	} else {
		hosts = append(hosts, r.loopback)
	}
	for _, host := range hosts {
		connection, err := net.DialTimeout("tcp", net.JoinHostPort(host, port), dialTimeout)
		if err == nil {
			return connection
		}
	}
	return nil
}

func (r *Runner) apiServerIsReady() bool {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	return len(r.staticPods) > 0 && r.staticPods[0].ready
}
