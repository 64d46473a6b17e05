"""Documents kept in step with their source: entity, window, plan, mapping, store, deletion, history."""
