package main

import (
	"fmt"
	"sort"
	"time"

	"github.com/anishathalye/porcupine"
)

// What the rules may answer a call; the models say when.
var refusals = map[string]bool{"NotFound": true, "VersionConflict": true, "CardLinkedElsewhere": true, "ScopeDenied": true,
	"NoActionsLeft": true, "Superseded": true, "RequestIdReused": true}

// Errors of the way there. Nothing was written, so that such a call is none.
var passing = map[string]bool{"Throttled": true, "Unavailable": true, "DeadlineExceeded": true, "Cancelled": true,
	"ConnectionFailed": true, "ProtocolError": true}

// Verdict of one key's part of a history.
type Verdict struct {
	Key    string
	Result porcupine.CheckResult
	Reason string // where it is refused without any order being looked for
	Calls  []*Call
	show   func(path string) error
}

// check looks for an order of each key's calls that explains every answer.
func check(history *History, patience time.Duration) ([]Verdict, error) {
	r, err := rulesOf(history)
	if err != nil {
		return nil, err
	}
	calls := history.Calls
	if history.Kind == "cards" {
		calls = eachCard(calls)
	}
	byKey := map[string][]*Call{}
	for _, call := range calls {
		byKey[call.Key] = append(byKey[call.Key], call)
	}
	var keys []string
	for key := range byKey {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	var verdicts []Verdict
	for _, key := range keys {
		verdicts = append(verdicts, checkKey(r, key, byKey[key], patience))
	}
	return verdicts, nil
}

func checkKey(r rules, key string, calls []*Call, patience time.Duration) Verdict {
	verdict := Verdict{Key: key, Calls: calls, Result: porcupine.Illegal}
	var operations []porcupine.Operation
	for _, call := range calls {
		code := call.Reply.Error
		if !call.Reply.Unknown && code != "" && passing[code] {
			continue
		}
		if !call.Reply.Unknown && code != "" && !refusals[code] {
			verdict.Reason = fmt.Sprintf("no call may be answered %s: %s", code, describe(call))
			return verdict
		}
		operations = append(operations, porcupine.Operation{ClientId: call.Client, Input: call, Call: call.Begin, Return: call.End})
	}
	model := modelOf(r)
	result, information := porcupine.CheckOperationsVerbose(model, operations, patience)
	verdict.Result = result
	verdict.show = func(path string) error { return porcupine.VisualizePath(model, information, path) }
	return verdict
}
