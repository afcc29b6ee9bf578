package main

import (
	"fmt"
	"strings"

	"github.com/anishathalye/porcupine"
)

// refusesCorrupted changes one answer of each history, and says whether each is then refused.
func refusesCorrupted(histories []*History) bool {
	changed, explained := 0, 0
	for _, history := range histories {
		if !changeOneAnswer(history) {
			continue
		}
		changed++
		verdicts, err := check(history, patience)
		if err != nil {
			fmt.Println(err)
			return false
		}
		refused := false
		for _, verdict := range verdicts {
			refused = refused || verdict.Result != porcupine.Ok
		}
		if !refused {
			explained++
			fmt.Println("explained although an answer was changed: " + history.Name())
		}
	}
	fmt.Printf("%d histories with one answer changed, %d of them explained\n", changed, explained)
	return changed > 0 && explained == 0
}

// changeOneAnswer makes the first write that answered a number answer another, where there is one.
func changeOneAnswer(history *History) bool {
	for _, call := range history.Calls {
		for _, member := range []string{`"version":`, `"left":`, `"fence":`} {
			if strings.Contains(call.Reply.Answer, member) {
				call.Reply.Answer = strings.Replace(call.Reply.Answer, member, member+"9", 1)
				return true
			}
		}
		if call.Name == "link" && call.Reply.Answer != "" {
			call.Reply.Answer = object("user", "nobody", "last4", "0000")
			return true
		}
	}
	return false
}
