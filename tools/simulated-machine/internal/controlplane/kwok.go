package controlplane

import _ "embed"

// kwokConfiguration makes KWOK run pods and leave nodes alone: each machine reports its own node's readiness.
//
//go:embed kwok.yaml
var kwokConfiguration string
