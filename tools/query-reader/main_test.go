package main

import (
	"bytes"
	"os"
	"strings"
	"testing"
)

func answer(t *testing.T, language, text string) Answer {
	t.Helper()
	answer, err := read(Query{language, text})
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return answer
}

func TestKeepsCluster(t *testing.T) {
	for _, text := range []string{
		`up == 0`,
		`up{job="a"} * 100 > 5`,
		`sum by (cluster, job) (rate(a[5m])) / sum by (cluster, job) (rate(b[5m]))`,
		`sum without (pod) (a)`,
		`a and on (cluster, namespace) b`,
		`a * on (cluster, uid) group_left (node) b`,
		`a / ignoring (pod) b`,
		`a unless b`,
		`time() - max by (cluster) (a) > 900`,
		`max_over_time(sum by (cluster) (a)[1h:1m])`,
		`histogram_quantile(0.99, sum by (cluster, le) (rate(a_bucket[5m])))`,
		`label_replace(a, "node", "$1", "instance", "(.*)")`,
		`topk(3, a) by (cluster)`,
		`a default 0`,
	} {
		if losses := answer(t, "metricsql", text).Losses; len(losses) != 0 {
			t.Errorf("%s: lost in %q", text, losses)
		}
	}
}

func TestLosesCluster(t *testing.T) {
	for text, loss := range map[string]string{
		`sum(a) > 0`:                              `sum(a)`,
		`sum by (job) (a)`:                        `sum(a) by(job)`,
		`sum without (cluster) (a)`:               `sum(a) without(cluster)`,
		`absent(up{job="a"} == 1)`:                `absent(up{job="a"} == 1)`,
		`absent_over_time(up{cluster="a"}[5m])`:   `absent_over_time(up{cluster="a"}[5m])`,
		`a and on (namespace) b`:                  `a and on(namespace) b`,
		`a * ignoring (cluster, x) b`:             `a * ignoring(cluster,x) b`,
		`a or vector(0)`:                          `a or vector(0)`,
		`topk(3, a)`:                              `topk(3, a)`,
		`label_del(a, "cluster")`:                 `label_del(a, "cluster")`,
		`label_keep(a, "job")`:                    `label_keep(a, "job")`,
		`label_set(a, "cluster", "x")`:            `label_set(a, "cluster", "x")`,
		`label_replace(a, "cluster", "", "", "")`: `label_replace(a, "cluster", "", "", "")`,
		`vector(1)`:                               `vector(1)`,
		`a - scalar(sum(b))`:                      `sum(b)`,
		`(sum(a) by (cluster)) / sum(b)`:          `sum(b)`,
	} {
		losses := answer(t, "metricsql", text).Losses
		if len(losses) != 1 || losses[0] != loss {
			t.Errorf("%s: lost in %q instead of %q", text, losses, loss)
		}
	}
}

func TestSelectors(t *testing.T) {
	var output bytes.Buffer
	input := `[{"language": "metricsql", "text": "rate(a{job=\"x\", pod!~\"y|z\" or job=~\"w\"}[5m]) + {__name__=~\"b.*\"}"}]`
	if err := handle(strings.NewReader(input), &output); err != nil {
		t.Fatal(err)
	}
	want := `[{"selectors":[` +
		`{"name":"a","filters":[{"label":"job","operator":"=","value":"x"},{"label":"pod","operator":"!~","value":"y|z"}]},` +
		`{"name":"a","filters":[{"label":"job","operator":"=~","value":"w"}]},` +
		`{"name":"","filters":[{"label":"__name__","operator":"=~","value":"b.*"}]}],"losses":[]}]` + "\n"
	if output.String() != want {
		t.Errorf("got  %swant %s", output.String(), want)
	}
}

func TestLogs(t *testing.T) {
	for text, losses := range map[string]int{
		`cluster:=a error`:                     0,
		`error | stats by (cluster) count() n`: 0,
		`error | stats by (cluster, _time:5m) count() n | sort by (n desc) | limit 5`: 0,
		`error | stats count() n`:                                     1,
		`error | fields _time, _msg`:                                  1,
		`error | fields _time, cluster, _msg`:                         0,
		`error | stats by (namespace) count() n | math n / 2 as half`: 1,
	} {
		if got := answer(t, "logsql", text).Losses; len(got) != losses {
			t.Errorf("%s: lost in %q", text, got)
		}
	}
}

func TestErrors(t *testing.T) {
	for language, text := range map[string]string{"metricsql": "sum(", "logsql": "a | stats", "sql": "select"} {
		if _, err := read(Query{language, text}); err == nil {
			t.Errorf("%s %q was read", language, text)
		}
	}
	if err := handle(strings.NewReader(`[{"query": "up"}]`), &bytes.Buffer{}); err == nil {
		t.Error("an unknown field was read")
	}
}

// What parses here has to parse where it is evaluated.
func TestUsesTheParsersOfTheLab(t *testing.T) {
	ours := file(t, "go.mod")
	for module, path := range map[string]string{
		"github.com/VictoriaMetrics/metricsql":    "../modules/victoria-metrics/go.mod",
		"github.com/VictoriaMetrics/VictoriaLogs": "../modules/victoria-logs/go.mod",
	} {
		if ours[module] == "" || ours[module] != file(t, path)[module] {
			t.Errorf("%s is %q here and %q in %s", module, ours[module], file(t, path)[module], path)
		}
	}
}

func file(t *testing.T, path string) map[string]string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	versions := map[string]string{}
	for line := range strings.Lines(string(content)) {
		if fields := strings.Fields(line); len(fields) > 1 && strings.HasPrefix(fields[1], "v") {
			versions[fields[0]] = fields[1]
		}
	}
	return versions
}
