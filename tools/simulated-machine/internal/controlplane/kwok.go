package controlplane

import _ "embed"

// kwokConfiguration makes KWOK run pods and leave nodes alone: whether a node is ready is its machine's to say.
//
//go:embed kwok.yaml
var kwokConfiguration string
