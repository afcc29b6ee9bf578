// The checker of histories: whether one order of all calls explains every answer.
//
//	checker FILE [FOLDER]
//	checker --corrupted FILE    whether each history is refused once an answer of it is changed
//
// FILE holds histories as history_driver writes them. What no order explains is shown, with a picture of it in FOLDER. Exit
// status 0: all are explained; 1: one is not; 2: FILE cannot be read.
package main

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"time"

	"github.com/anishathalye/porcupine"
)

// A history that takes longer is left undecided, and told.
const patience = 20 * time.Second

func main() {
	words := os.Args[1:]
	corrupted := len(words) == 2 && words[0] == "--corrupted"
	if corrupted {
		words = words[1:]
	}
	if len(words) < 1 || len(words) > 2 {
		fmt.Fprintln(os.Stderr, "checker [--corrupted] FILE [FOLDER]")
		os.Exit(2)
	}
	file, err := os.Open(words[0])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	histories, err := readHistories(file)
	if err != nil || len(histories) == 0 {
		fmt.Fprintf(os.Stderr, "%s: no histories: %v\n", words[0], err)
		os.Exit(2)
	}
	folder := ""
	if len(words) == 2 {
		folder = words[1]
	}
	if corrupted && refusesCorrupted(histories) || !corrupted && report(histories, folder) {
		return
	}
	os.Exit(1)
}

func report(histories []*History, folder string) bool {
	calls, unknown, undecided := 0, 0, 0
	var refused []string
	for _, history := range histories {
		verdicts, err := check(history, patience)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return false
		}
		for _, call := range history.Calls {
			calls++
			if call.Reply.Unknown {
				unknown++
			}
		}
		bad := false
		for _, verdict := range verdicts {
			switch verdict.Result {
			case porcupine.Unknown:
				undecided++
				fmt.Printf("undecided after %v: %s, %s\n", patience, history.Name(), verdict.Key)
			case porcupine.Illegal:
				bad = true
				show(history, verdict, folder)
			}
		}
		if bad {
			refused = append(refused, history.Name())
		}
	}
	fmt.Printf("%d histories, %d calls, %d of them without an answer; %d keys undecided; %d histories that no order explains\n",
		len(histories), calls, unknown, undecided, len(refused))
	for _, name := range refused {
		fmt.Println("  " + name)
	}
	return len(refused) == 0
}

func show(history *History, verdict Verdict, folder string) {
	fmt.Printf("\nNO ORDER EXPLAINS %s, %s %s\n", history.Name(), verdict.Key, verdict.Reason)
	sorted := append([]*Call{}, verdict.Calls...)
	sort.Slice(sorted, func(a, b int) bool { return sorted[a].Begin < sorted[b].Begin })
	for _, call := range sorted {
		end := "never"
		if call.End != math.MaxInt64 {
			end = fmt.Sprintf("%d", (call.End-sorted[0].Begin)/1000)
		}
		fmt.Printf("  %7d to %7s us  client %2d  %s\n", (call.Begin-sorted[0].Begin)/1000, end, call.Client, describe(call))
	}
	if folder == "" || verdict.show == nil {
		return
	}
	path := filepath.Join(folder, strings.ReplaceAll(history.Name(), " ", "-")+"-"+verdict.Key+".html")
	if err := verdict.show(path); err == nil {
		fmt.Println("  a picture of it: " + path)
	}
}
