package provider

import (
	"context"
	"fmt"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

const (
	defaultTimeout = 10 * time.Minute
	firstWait      = 500 * time.Millisecond
	longestWait    = 10 * time.Second
)

// retry repeats attempt until it succeeds, returns InvalidArgument, or times out; it then returns the last error. Every
// other error is retried, even permanent ones such as AlreadyExists, as in the official provider.
func retry(ctx context.Context, timeout time.Duration, attempt func() error) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()

	for wait := firstWait; ; wait = min(2*wait, longestWait) {
		err := attempt()
		if err == nil || status.Code(err) == codes.InvalidArgument {
			return err
		}

		select {
		case <-ctx.Done():
			return err
		case <-time.After(wait):
		}
	}
}

// timeoutOf parses a duration such as "10m" from timeouts.<name>.
func timeoutOf(props resource.PropertyMap, name string) (time.Duration, error) {
	text := stringOf(props, "timeouts."+name)
	if text == "" {
		return defaultTimeout, nil
	}

	timeout, err := time.ParseDuration(text)
	if err != nil {
		return 0, fmt.Errorf("timeout for %q cannot be parsed, %w", name, err)
	}

	return timeout, nil
}
