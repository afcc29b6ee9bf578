package main

// Whose a card is; nobody's when user is empty.
type card struct{ user, last4 string }

type cardRules struct{}

func (cardRules) start() core { return card{} }

func (c card) text() string { return object("user", c.user, "last4", c.last4) }

func (cardRules) apply(s core, call *Call) []outcome {
	now := s.(card)
	user := call.text("user")
	switch call.Name {
	case "lookup":
		if now.user == "" {
			return []outcome{refuses("NotFound", now)}
		}
		return []outcome{reads(now.text(), now)}
	case "has_card": // what cards_of says of this card
		if now.user != user {
			return []outcome{reads("null", now)}
		}
		return []outcome{reads(jsonOf(now.last4), now)}
	case "link":
		transfer, _ := call.Args["transfer"].(bool)
		if now.user != "" && now.user != user && !transfer {
			return []outcome{refuses("CardLinkedElsewhere", now)}
		}
		next := card{user, call.text("last4")}
		if next == now {
			return []outcome{reads(next.text(), next)}
		}
		return []outcome{answers(next.text(), next)}
	case "unlink":
		return unlink(now, user)
	}
	return nil
}

func unlink(now card, user string) []outcome {
	switch {
	case now.user == "":
		return []outcome{refuses("NotFound", now)}
	case user == "":
		return []outcome{answers(now.text(), card{})}
	case user != now.user:
		return []outcome{refuses("CardLinkedElsewhere", now)}
	}
	// Told whose it is, it answers no last4.
	return []outcome{answers(card{user: user}.text(), card{})}
}

// eachCard makes of a look at all cards one at each.
func eachCard(calls []*Call) []*Call {
	keys := map[string]bool{}
	for _, call := range calls {
		if call.Key != "*" {
			keys[call.Key] = true
		}
	}
	var each []*Call
	for _, call := range calls {
		if call.Key != "*" {
			each = append(each, call)
			continue
		}
		if call.Reply.Unknown || call.Reply.Error != "" {
			continue
		}
		var cards map[string]interface{}
		if err := decode([]byte(call.Reply.Answer), &cards); err != nil {
			panic(err)
		}
		for key := range keys {
			one := *call
			one.Key, one.Name = key, "has_card"
			one.Reply.Answer = jsonOf(cards[key])
			each = append(each, &one)
		}
	}
	return each
}
