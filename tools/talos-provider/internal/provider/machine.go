package provider

import (
	"context"
	"crypto/tls"
	"encoding/base64"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/siderolabs/crypto/x509"
	"github.com/siderolabs/talos/pkg/machinery/client"
	clientconfig "github.com/siderolabs/talos/pkg/machinery/client/config"
)

// target is a machine and how to reach it.
type target struct {
	// node is the machine's own address; it is sent in the call's metadata.
	node string
	// endpoint is the TCP peer, with port 50000 unless it includes another.
	endpoint string
	// credentials is a talosconfig for mutual TLS.
	credentials *clientconfig.Config
}

// dialer runs a call against a machine. It is a field of Server so that tests can use another port.
type dialer func(ctx context.Context, to target, do func(ctx context.Context, c *client.Client) error) error

// dialMachine first calls Disks without client certificate (a machine in maintenance mode responds) and keeps that
// connection if it works; on any error it uses mutual TLS. So each operation on a configured machine starts with a
// rejected connection, and an operation on a machine in maintenance mode trusts whoever responds.
func dialMachine(ctx context.Context, to target, do func(ctx context.Context, c *client.Client) error) error {
	nodeCtx := client.WithNode(ctx, to.node)

	c, err := client.New(ctx,
		client.WithTLSConfig(&tls.Config{InsecureSkipVerify: true}), //nolint:gosec // maintenance mode has no certificates
		client.WithEndpoints(to.endpoint),
	)
	if err != nil {
		return err
	}

	if _, err = c.Disks(nodeCtx); err != nil {
		_ = c.Close()

		if c, err = client.New(ctx, client.WithConfig(to.credentials), client.WithEndpoints(to.endpoint)); err != nil {
			return err
		}
	}

	defer c.Close() //nolint:errcheck // nothing to do about it

	return do(nodeCtx, c)
}

// targetOf reads node, endpoint and client configuration (preferring the write-only one) from properties.
func targetOf(props ...resource.PropertyMap) (target, error) {
	to := target{}
	credentials := resource.PropertyMap{}

	for _, source := range props {
		if to.node == "" {
			to.node, to.endpoint = stringOf(source, "node"), stringOf(source, "endpoint")
		}

		for _, name := range []string{"clientConfigurationWo", "clientConfiguration"} {
			if value := at(source, name); value.IsObject() && len(credentials) == 0 {
				credentials = value.ObjectValue()
			}
		}
	}

	if to.endpoint == "" {
		to.endpoint = to.node
	}

	var err error

	to.credentials, err = talosConfig("dynamic", credentials)

	return to, err
}

// talosConfig returns a talosconfig with one context from the three base64 values of a client configuration.
func talosConfig(context string, credentials resource.PropertyMap) (*clientconfig.Config, error) {
	var decoded [3][]byte

	for i, name := range []string{"caCertificate", "clientCertificate", "clientKey"} {
		bytes, err := base64.StdEncoding.DecodeString(stringOf(credentials, name))
		if err != nil {
			return nil, fmt.Errorf("Error converting config to talos client config: %s: %w", name, err)
		}

		decoded[i] = bytes
	}

	pair := &x509.PEMEncodedCertificateAndKey{Crt: decoded[1], Key: decoded[2]}

	return clientconfig.NewConfig(context, nil, decoded[0], pair), nil
}

func encode(bytes []byte) string {
	return base64.StdEncoding.EncodeToString(bytes)
}
