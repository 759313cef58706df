package controlplane

import "testing"

func TestListensOnItsOwnAddressOnly(t *testing.T) {
	runner := &Runner{loopback: "127.25.11.11"}
	for given, wanted := range map[string]string{
		"0.0.0.0":      "127.25.11.11",
		"::":           "127.25.11.11",
		"127.25.11.12": "127.25.11.12",
	} {
		arguments := runner.onThisMachine(map[string]string{"bind-address": given, "profiling": "false"})
		if arguments["bind-address"] != wanted || arguments["profiling"] != "false" {
			t.Errorf("bind-address %s became %v, expected %s", given, arguments, wanted)
		}
	}
}
