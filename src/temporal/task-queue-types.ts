// temporal.api.enums.v1.TaskQueueType
export const WORKFLOW_TASKS = 1;
export const ACTIVITY_TASKS = 2;
