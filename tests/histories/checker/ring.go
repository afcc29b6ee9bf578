package main

import "encoding/json"

// A user's pending captures, by their amounts, and the payments that were seen.
type ring struct {
	version int64
	amounts string // JSON list, oldest first
	seen    string // JSON object
}

type ringRules struct{ size int }

func (ringRules) start() core { return ring{0, "[]", "{}"} }

func (r ring) list() []int64 {
	var amounts []int64
	if err := json.Unmarshal([]byte(r.amounts), &amounts); err != nil {
		panic(err)
	}
	return amounts
}

func (r ring) payments() map[string]bool {
	seen := map[string]bool{}
	if err := json.Unmarshal([]byte(r.seen), &seen); err != nil {
		panic(err)
	}
	return seen
}

func (rules ringRules) apply(s core, call *Call) []outcome {
	now := s.(ring)
	payment := call.text("payment")
	switch call.Name {
	case "list_captures":
		newest := []int64{}
		for _, amount := range now.list() {
			newest = append([]int64{amount}, newest...)
		}
		return []outcome{reads(jsonOf(newest), now)}
	case "is_processed":
		return []outcome{reads(jsonOf(now.payments()[payment]), now)}
	case "settle_capture":
		return []outcome{settle(now, call.number("amount"))}
	case "add_capture":
		if payment != "" && now.payments()[payment] {
			return []outcome{reads(object("first", false), now)}
		}
		next, dropped := rules.add(now, call.number("amount"), payment)
		return []outcome{answers(object("first", true, "named", true, "dropped", dropped, "version", next.version), next)}
	case "record_capture":
		if now.payments()[payment] {
			return []outcome{reads(object("state", "duplicate"), now)}
		}
		next, dropped := rules.add(now, call.number("amount"), payment)
		return []outcome{answers(object("state", "recorded", "named", true, "dropped", dropped, "version", next.version), next)}
	}
	return nil
}

func (rules ringRules) add(now ring, amount int64, payment string) (ring, []int64) {
	amounts := append(now.list(), amount)
	dropped := []int64{}
	for len(amounts) > rules.size {
		dropped = append(dropped, amounts[0])
		amounts = amounts[1:]
	}
	next := ring{now.version + 1, jsonOf(amounts), now.seen}
	if payment != "" {
		seen := now.payments()
		seen[payment] = true
		next.seen = jsonOf(seen)
	}
	return next, dropped
}

func settle(now ring, amount int64) outcome {
	amounts := now.list()
	for at, there := range amounts {
		if there == amount {
			left := append(append([]int64{}, amounts[:at]...), amounts[at+1:]...)
			return answers(object("amount", amount), ring{now.version + 1, jsonOf(left), now.seen})
		}
	}
	return refuses("NotFound", now)
}
