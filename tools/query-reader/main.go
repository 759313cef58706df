// Command query-reader reads MetricsQL and LogsQL queries with the parsers of VictoriaMetrics and VictoriaLogs.
//
// It reads a JSON list of queries from standard input and writes a JSON list of answers, in the same order, to standard
// output. A query that does not parse is an answer with an error; the exit code is 2 only if the input is not such a list.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
)

// Query is an expression and the language that it is written in: metricsql or logsql.
type Query struct {
	Language string `json:"language"`
	Text     string `json:"text"`
}

// Filter is a condition on a label.
type Filter struct {
	Label    string `json:"label"`
	Operator string `json:"operator"`
	Value    string `json:"value"`
}

// Selector is a metric that a query selects. The name is empty if the selector has none, or a regular expression for it.
type Selector struct {
	Name    string   `json:"name"`
	Filters []Filter `json:"filters"`
}

// Answer is what a query says. Losses name each place where the label `cluster` is lost or series of several clusters meet.
type Answer struct {
	Error     string     `json:"error,omitempty"`
	Selectors []Selector `json:"selectors"`
	Losses    []string   `json:"losses"`
}

func main() {
	if err := handle(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintf(os.Stderr, "query-reader: %v\n", err)
		os.Exit(2)
	}
}

func handle(input io.Reader, output io.Writer) error {
	var queries []Query
	decoder := json.NewDecoder(input)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&queries); err != nil {
		return fmt.Errorf("standard input is not a list of queries: %w", err)
	}
	answers := make([]Answer, len(queries))
	for index, query := range queries {
		answer, err := read(query)
		if err != nil {
			answer = Answer{Error: err.Error()}
		}
		if answer.Selectors == nil {
			answer.Selectors = []Selector{}
		}
		if answer.Losses == nil {
			answer.Losses = []string{}
		}
		answers[index] = answer
	}
	encoder := json.NewEncoder(output)
	encoder.SetEscapeHTML(false)
	return encoder.Encode(answers)
}

func read(query Query) (Answer, error) {
	switch query.Language {
	case "metricsql":
		return readMetrics(query.Text)
	case "logsql":
		return readLogs(query.Text)
	}
	return Answer{}, fmt.Errorf("unknown language %q", query.Language)
}
