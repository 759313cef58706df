package controlplane

import "testing"

func TestManifestHash(t *testing.T) {
	pod := func(image, binary, file, version string) *staticPod {
		return &staticPod{image: image, command: []string{binary, "--tls-cert-file=" + file, "--profiling=false"}, configVersion: version}
	}
	first := manifestHash(pod("kube-apiserver:v1.34.1", "/cache/one/kube-apiserver", "/one/node/pki/apiserver.crt", "1"), "/one/node")
	for name, test := range map[string]struct {
		pod  *staticPod
		dir  string
		same bool
	}{
		"in another checkout":     {pod("kube-apiserver:v1.34.1", "/cache/two/kube-apiserver", "/two/node/pki/apiserver.crt", "1"), "/two/node", true},
		"another image":           {pod("kube-apiserver:v1.34.4", "/cache/one/kube-apiserver", "/one/node/pki/apiserver.crt", "1"), "/one/node", false},
		"another argument":        {pod("kube-apiserver:v1.34.1", "/cache/one/kube-apiserver", "/one/node/pki/other.crt", "1"), "/one/node", false},
		"another config version":  {pod("kube-apiserver:v1.34.1", "/cache/one/kube-apiserver", "/one/node/pki/apiserver.crt", "2"), "/one/node", false},
		"an image, not yet ready": {&staticPod{image: "kube-apiserver:v1.34.1", configVersion: "1"}, "/one/node", false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := manifestHash(test.pod, test.dir) == first; got != test.same {
				t.Errorf("the same hash: %v, want %v", got, test.same)
			}
		})
	}
}
