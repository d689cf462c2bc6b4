// Parses queries with the parsers of the programs that would answer them: PromQL with Prometheus' parser, LogQL with Loki's. It reads one JSON object
// per line, {"language": "promql" | "logql", "query": "…"}, and prints one per line in the same order: {"error": "…"}, empty for a query that parses.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"

	"github.com/grafana/loki/v3/pkg/logql/syntax"
	"github.com/prometheus/prometheus/promql/parser"
)

type question struct {
	Language string `json:"language"`
	Query    string `json:"query"`
}

type answer struct {
	Error string `json:"error"`
}

func parse(asked question) error {
	switch asked.Language {
	case "promql":
		_, err := parser.NewParser(parser.Options{}).ParseExpr(asked.Query)
		return err
	case "logql":
		_, err := syntax.ParseExpr(asked.Query)
		return err
	default:
		return fmt.Errorf("language %q is not one of promql, logql", asked.Language)
	}
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 16<<20)
	out := json.NewEncoder(os.Stdout)
	out.SetEscapeHTML(false)
	for lines.Scan() {
		var asked question
		var told answer
		if err := json.Unmarshal(lines.Bytes(), &asked); err != nil {
			told.Error = "not a question: " + err.Error()
		} else if err := parse(asked); err != nil {
			told.Error = err.Error()
		}
		if err := out.Encode(told); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	if err := lines.Err(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
