package main

import (
	"encoding/json"
	"fmt"

	"github.com/anishathalye/porcupine"
)

// core is the state of one key: a struct that == compares.
type core interface{}

// outcome is one thing that a call may do to a state, and what it then answers.
type outcome struct {
	answer  string // canonical JSON; "" with an error
	err     string
	current string // with VersionConflict
	next    core
	wrote   bool
}

func answers(answer string, next core) outcome {
	return outcome{answer: answer, next: next, wrote: true}
}
func reads(answer string, state core) outcome { return outcome{answer: answer, next: state} }
func refuses(err string, state core) outcome  { return outcome{err: err, next: state} }

// rules are the sequential specification of one kind of state.
type rules interface {
	start() core
	// apply lists what the call may do; usually one thing.
	apply(state core, call *Call) []outcome
}

func rulesOf(history *History) (rules, error) {
	switch history.Kind {
	case "sessions":
		return sessionRules{}, nil
	case "contexts":
		return contextRules{}, nil
	case "claims":
		return claimRules{}, nil
	case "cards":
		return cardRules{}, nil
	case "ring":
		return ringRules{size: history.Ring}, nil
	case "documents":
		return documentRules{}, nil
	}
	return nil, fmt.Errorf("there are no rules for %q", history.Kind)
}

// state is a key's state with what the request ids on it stand for.
type state struct {
	core     core
	requests string // JSON: an id's write and its answer
}

type write struct{ Call, Answer string }

func requestsOf(s state) map[string]write {
	requests := map[string]write{}
	if s.requests != "" {
		if err := json.Unmarshal([]byte(s.requests), &requests); err != nil {
			panic(err)
		}
	}
	return requests
}

func signature(call *Call) string { return call.Name + call.ArgsText }

// remembering is the state in which the call's id stands for it.
func remembering(s state, next core, call *Call, answer string) state {
	requests := requestsOf(s)
	requests[call.Request] = write{signature(call), answer}
	return state{next, jsonOf(requests)}
}

// step lists the states after a call whose reply is known, or after one whose reply is not.
func step(r rules, s state, call *Call) []interface{} {
	if call.Request != "" {
		if before, known := requestsOf(s)[call.Request]; known {
			repeat := refuses("RequestIdReused", s.core)
			if before.Call == signature(call) {
				repeat = reads(before.Answer, s.core)
			}
			if explains(repeat, call.Reply) {
				return []interface{}{s}
			}
			return nil
		}
	}
	var next []interface{}
	for _, o := range r.apply(s.core, call) {
		if !explains(o, call.Reply) {
			continue
		}
		if call.Request == "" || o.err != "" {
			next = append(next, state{o.next, s.requests})
			continue
		}
		next = append(next, remembering(s, o.next, call, o.answer))
		// Where nothing was to be written, the id need not stand for anything.
		if !o.wrote {
			next = append(next, state{o.next, s.requests})
		}
	}
	return next
}

func explains(o outcome, reply Reply) bool {
	if reply.Unknown {
		return true
	}
	if o.err != "" || reply.Error != "" {
		return o.err == reply.Error && o.current == reply.Current
	}
	return o.answer == reply.Answer
}

func modelOf(r rules) porcupine.Model {
	model := porcupine.NondeterministicModel{
		Init:              func() []interface{} { return []interface{}{state{r.start(), ""}} },
		Step:              func(s, input, _ interface{}) []interface{} { return step(r, s.(state), input.(*Call)) },
		DescribeOperation: func(input, _ interface{}) string { return describe(input.(*Call)) },
		DescribeState:     func(s interface{}) string { return fmt.Sprintf("%+v", s.(state).core) },
	}
	return model.ToModel()
}

func describe(call *Call) string {
	text := call.Name + call.ArgsText
	if call.Request != "" {
		text += " id " + call.Request
	}
	if call.Held != nil {
		text += fmt.Sprintf(" holding version %v", call.Held["version"])
	}
	switch {
	case call.Reply.Unknown:
		return text + " -> ?"
	case call.Reply.Error != "":
		return text + " -> " + call.Reply.Error + " " + call.Reply.Current
	}
	return text + " -> " + call.Reply.Answer
}
