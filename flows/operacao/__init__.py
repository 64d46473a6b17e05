"""What the operators have besides the flows: automations, health, status, the freeing of locks, the worker."""
