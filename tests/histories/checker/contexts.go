package main

import "encoding/json"

const eventsKept = 10

// A user's context, as far as the calls change it. Everything is text, so that == compares it.
type context struct {
	version              int64
	cred, oxo, threshold int64
	memory               string // JSON object
	events               string // JSON list, newest first
}

type contextRules struct{}

func (contextRules) start() core { return context{} }

func newContext() context {
	return context{threshold: 10000000000, memory: "{}", events: "[]"}
}

func (c context) text() string {
	return object("version", c.version, "cred", c.cred, "oxo", c.oxo, "threshold", c.threshold,
		"memory", json.RawMessage(c.memory), "events", json.RawMessage(c.events))
}

func (c context) remembered() map[string]interface{} {
	memory := map[string]interface{}{}
	if err := decode([]byte(c.memory), &memory); err != nil {
		panic(err)
	}
	return memory
}

func (c context) withEvent(event string) context {
	var events []string
	if err := json.Unmarshal([]byte(c.events), &events); err != nil {
		panic(err)
	}
	events = append([]string{event}, events...)
	if len(events) > eventsKept {
		events = events[:eventsKept]
	}
	c.events = jsonOf(events)
	return c
}

func conflict(now context) outcome {
	return outcome{err: "VersionConflict", current: now.text(), next: now}
}

func (contextRules) apply(s core, call *Call) []outcome {
	now := s.(context)
	exists := now.version > 0
	switch call.Name {
	case "get_or_init":
		if exists {
			return []outcome{reads(now.text(), now)}
		}
		return []outcome{written(newContext())}
	case "push_event":
		if !exists {
			now = newContext()
		}
		return orLostTooOften(now, call, []outcome{written(now.withEvent(call.text("event")))})
	}
	if !exists {
		return []outcome{refuses("NotFound", now)}
	}
	switch call.Name {
	case "fetch":
		return []outcome{reads(now.text(), now)}
	case "recall":
		value, there := now.remembered()[call.text("name")]
		if !there {
			return []outcome{refuses("NotFound", now)}
		}
		return []outcome{reads(jsonOf(value), now)}
	case "push":
		if call.number("version") != now.version {
			return []outcome{conflict(now)}
		}
		now.cred = call.number("cred")
		return []outcome{written(now)}
	case "update":
		next := now
		next.oxo++
		return orLostTooOften(now, call, []outcome{written(next)})
	case "patch", "remember", "forget":
		return change(now, call)
	}
	return nil
}

func written(next context) outcome {
	next.version++
	return answers(next.text(), next)
}

// orLostTooOften: one that lost the race against others as often as it tries says so, and that it may be tried again.
func orLostTooOften(now context, call *Call, outcomes []outcome) []outcome {
	if call.Reply.Retryable {
		return append(outcomes, conflict(now))
	}
	return outcomes
}

// change: paths that somebody else has changed since the caller read them are a conflict; others settle by themselves.
func change(now context, call *Call) []outcome {
	next, found := now, true
	memory := now.remembered()
	name := call.text("name")
	switch call.Name {
	case "patch":
		if value, given := call.Args["cred"]; given {
			next.cred = asNumber(value)
		}
		if value, given := call.Args["threshold"]; given {
			next.threshold = asNumber(value)
		}
	case "remember":
		memory[name] = call.Args["value"]
		next.memory = jsonOf(memory)
	case "forget":
		_, found = memory[name]
		delete(memory, name)
		next.memory = jsonOf(memory)
	}
	does := written(next)
	if !found {
		does = refuses("NotFound", now)
	}
	if call.Held == nil {
		// It read the context itself, at a moment that nobody else knows.
		return []outcome{does, conflict(now)}
	}
	held, _ := call.Held["memory"].(map[string]interface{})
	_, heldIt := held[name]
	if call.Name == "forget" && !(found && heldIt) {
		// One of the two knows no such key. Forgetting what is there now overwrites nothing that the caller had counted on; and
		// where the caller knew none, the call read the context itself, as above: the key may have come and gone since.
		return []outcome{does, conflict(now)}
	}
	if !overtaken(now, call) {
		return orLostTooOften(now, call, []outcome{does})
	}
	return []outcome{conflict(now)}
}

// overtaken: whether a path of the call holds something else than the caller's copy.
func overtaken(now context, call *Call) bool {
	if call.Name == "patch" {
		_, cred := call.Args["cred"]
		_, threshold := call.Args["threshold"]
		return (cred && asNumber(call.Held["cred"]) != now.cred) ||
			(threshold && asNumber(call.Held["threshold"]) != now.threshold)
	}
	held, _ := call.Held["memory"].(map[string]interface{})
	return held[call.text("name")] != now.remembered()[call.text("name")]
}
