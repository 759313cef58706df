package main

import (
	"slices"
	"strings"

	"github.com/VictoriaMetrics/metricsql"
)

const clusterLabel = "cluster"

// shape is what an expression yields, as far as the label `cluster` is concerned.
type shape int

const (
	// number has no labels and joins with everything.
	number shape = iota
	// kept means series that have their cluster.
	kept
	// lost means series without their cluster.
	lost
)

// readMetrics parses MetricsQL.
func readMetrics(text string) (Answer, error) {
	expression, err := metricsql.Parse(text)
	if err != nil {
		return Answer{}, err
	}
	reader := &metricsReader{}
	// A number alone, such as vector(1), is of no cluster; a rule that yields it cannot say where it holds.
	if reader.shape(expression) == number {
		reader.lose(expression)
	}
	return Answer{Selectors: reader.selectors, Losses: reader.losses}, nil
}

type metricsReader struct {
	selectors []Selector
	losses    []string
}

func (r *metricsReader) lose(expression metricsql.Expr) shape {
	r.losses = append(r.losses, string(expression.AppendString(nil)))
	return lost
}

func (r *metricsReader) shape(expression metricsql.Expr) shape {
	switch typed := expression.(type) {
	case *metricsql.MetricExpr:
		r.selectors = append(r.selectors, selectors(typed)...)
		return kept
	case *metricsql.RollupExpr:
		if typed.At != nil {
			r.shape(typed.At)
		}
		return r.shape(typed.Expr)
	case *metricsql.AggrFuncExpr:
		return r.aggregate(typed)
	case *metricsql.BinaryOpExpr:
		return r.join(typed)
	case *metricsql.FuncExpr:
		return r.call(typed)
	}
	return number
}

// most is the worst of several shapes.
func (r *metricsReader) most(expressions []metricsql.Expr) shape {
	worst := number
	for _, expression := range expressions {
		worst = max(worst, r.shape(expression))
	}
	return worst
}

// aggregate: what is left is what the modifier keeps. Functions that choose series, such as topk, keep all labels, but
// without `by (cluster)` they weigh clusters against each other, so they count as a loss too.
func (r *metricsReader) aggregate(aggregate *metricsql.AggrFuncExpr) shape {
	inner := r.most(aggregate.Args)
	if inner == lost {
		return lost
	}
	named := slices.Contains(aggregate.Modifier.Args, clusterLabel)
	switch strings.ToLower(aggregate.Modifier.Op) {
	case "by":
		if named {
			return kept
		}
	case "without":
		if !named {
			return kept
		}
	}
	return r.lose(aggregate)
}

// join: both sides must be compared within a cluster, and the result has the labels of the side that is kept.
func (r *metricsReader) join(operation *metricsql.BinaryOpExpr) shape {
	left, right := r.shape(operation.Left), r.shape(operation.Right)
	if left == lost || right == lost {
		return lost
	}
	operator := strings.ToLower(operation.Op)
	if left == number || right == number {
		// `x or vector(0)` yields a series without cluster where x is absent; `x default 0` fills in.
		if operator == "or" || operator == "and" || operator == "unless" {
			return r.lose(operation)
		}
		return max(left, right)
	}
	named := slices.Contains(operation.GroupModifier.Args, clusterLabel)
	switch strings.ToLower(operation.GroupModifier.Op) {
	case "on":
		if !named {
			return r.lose(operation)
		}
	case "ignoring":
		if named {
			return r.lose(operation)
		}
	}
	return kept
}

// numbers are functions without labels in their result, whatever their arguments are.
var numbers = []string{"scalar", "time", "now", "pi", "start", "end", "step", "vector", "rand", "rand_exponential", "rand_normal"}

// call: absent() has only the labels that its selector names, and none of what it did not find. The label_* functions can
// remove or replace `cluster`.
func (r *metricsReader) call(function *metricsql.FuncExpr) shape {
	inner := r.most(function.Args)
	name := strings.ToLower(function.Name)
	if slices.Contains(numbers, name) {
		return number
	}
	if inner == lost {
		return lost
	}
	if name == "absent" || name == "absent_over_time" || removesCluster(name, function.Args) {
		return r.lose(function)
	}
	return inner
}

func removesCluster(name string, args []metricsql.Expr) bool {
	named := slices.ContainsFunc(args, func(arg metricsql.Expr) bool {
		text, ok := arg.(*metricsql.StringExpr)
		return ok && text.S == clusterLabel
	})
	switch name {
	case "label_keep":
		return !named
	case "label_del", "label_map", "label_move", "label_set", "label_transform", "label_uppercase", "label_lowercase":
		return named
	case "label_replace", "label_join":
		target, ok := args[1].(*metricsql.StringExpr)
		return ok && target.S == clusterLabel
	case "label_copy":
		target, ok := args[len(args)-1].(*metricsql.StringExpr)
		return ok && target.S == clusterLabel
	}
	return false
}

func selectors(expression *metricsql.MetricExpr) []Selector {
	var all []Selector
	for _, filters := range expression.LabelFilterss {
		selector := Selector{Filters: []Filter{}}
		for _, filter := range filters {
			if filter.Label == "__name__" && !filter.IsNegative && !filter.IsRegexp {
				selector.Name = filter.Value
				continue
			}
			selector.Filters = append(selector.Filters, Filter{filter.Label, operator(filter), filter.Value})
		}
		all = append(all, selector)
	}
	return all
}

func operator(filter metricsql.LabelFilter) string {
	switch {
	case filter.IsNegative && filter.IsRegexp:
		return "!~"
	case filter.IsNegative:
		return "!="
	case filter.IsRegexp:
		return "=~"
	}
	return "="
}
