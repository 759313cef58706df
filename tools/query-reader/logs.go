package main

import (
	"slices"

	"github.com/VictoriaMetrics/VictoriaLogs/lib/logstorage"
)

// readLogs parses LogsQL. Rows keep `cluster` unless a pipe chooses the fields; statistics have what they are grouped by.
func readLogs(text string) (Answer, error) {
	query, err := logstorage.ParseQuery(text)
	if err != nil {
		return Answer{}, err
	}
	labels, err := query.GetStatsLabels()
	if err != nil {
		var fixed bool
		if labels, fixed = query.GetFixedFields(); !fixed {
			return Answer{}, nil
		}
	}
	if slices.Contains(labels, clusterLabel) {
		return Answer{}, nil
	}
	return Answer{Losses: []string{query.String()}}, nil
}
