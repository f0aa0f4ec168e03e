/** Where all of the API lives. */
export const apiPath = '/api/v1'
